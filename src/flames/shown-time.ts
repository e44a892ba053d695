/** A moment as the routes of evaluations show it: `YYYY-MM-DD HH:mm:ss` in the given zone, null where there is none. */
export function showTime(time: Date | null, zone: string): string | null {
  return time && formatOf(zone).format(time).replace('T', ' ');
}

const formats = new Map<string, Intl.DateTimeFormat>();

/** Sweden writes dates as the routes do. Making a format takes a hundred times as long as using it. */
function formatOf(zone: string): Intl.DateTimeFormat {
  const known = formats.get(zone);
  if (known) return known;
  const made = new Intl.DateTimeFormat('sv-SE', { timeZone: zone, dateStyle: 'short', timeStyle: 'medium' });
  formats.set(zone, made);
  return made;
}
