import sharp from 'sharp';
import { InvalidInputError } from '../../common/index.js';

/** What a file was found to be, by its bytes alone. */
export interface Picture {
  extension: 'jpg' | 'png' | 'webp';
  mimeType: string;
  /** As it is shown: turned by what the camera noted. */
  width: number;
  height: number;
}

const FORMATS: Record<string, Pick<Picture, 'extension' | 'mimeType'>> = {
  jpeg: { extension: 'jpg', mimeType: 'image/jpeg' },
  png: { extension: 'png', mimeType: 'image/png' },
  webp: { extension: 'webp', mimeType: 'image/webp' },
};

/**
 * Finds out what a file is, whatever its name and header say, and that all of it can be decoded. Throws 422 for other
 * types, for what unpacks to more than `maxPixels`, and for what is cut off or damaged.
 */
export async function readPicture(path: string, maxPixels: number): Promise<Picture> {
  // Only the header is read here, so that the size is known before anything is unpacked.
  const metadata = await sharp(path, { limitInputPixels: false })
    .metadata()
    .catch(() => undefined);
  const format = metadata && FORMATS[metadata.format];
  if (!metadata || !format) throw refused('The file is not a JPEG, PNG or WebP picture.', 'UNSUPPORTED_TYPE');
  if ((metadata.pages ?? 1) > 1) throw refused('The picture is animated; send a still one.', 'UNSUPPORTED_TYPE');
  const { width, height } = metadata.autoOrient;
  if (width * height > maxPixels) {
    const message = `The picture has ${width} × ${height} pixels; at most ${maxPixels} are taken.`;
    throw refused(message, 'TOO_MANY_PIXELS');
  }
  await requireDecodable(path, maxPixels);
  return { ...format, width, height };
}

/** Reads every line of the picture, and keeps next to nothing of it in memory. */
async function requireDecodable(path: string, maxPixels: number): Promise<void> {
  try {
    const picture = sharp(path, { limitInputPixels: maxPixels, failOn: 'error', sequentialRead: true });
    await picture.resize(16, 16, { fit: 'fill' }).raw().toBuffer();
  } catch {
    throw refused('The picture is damaged or cut off.', 'DAMAGED_PICTURE');
  }
}

function refused(message: string, code: string): InvalidInputError {
  return new InvalidInputError([{ field: 'file', message }], code);
}
