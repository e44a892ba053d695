import sharp, { type Sharp } from 'sharp';

/** One picture between nodes: 8-bit RGB without padding. */
export interface RawImage {
  width: number;
  height: number;
  pixels: Buffer;
}

export const channels = 3;

/** A picture of one colour, given as 0xRRGGBB. */
export function solidImage(width: number, height: number, color: number): RawImage {
  const pixels = Buffer.alloc(width * height * channels, Buffer.from([color >> 16, (color >> 8) & 0xff, color & 0xff]));
  return { width, height, pixels };
}

export async function decodeImage(file: string | Buffer): Promise<RawImage> {
  return fromSharp(sharp(file).toColourspace('srgb').removeAlpha());
}

export function invertImage({ pixels, ...size }: RawImage): RawImage {
  return { ...size, pixels: Buffer.from(pixels.map((value) => 255 - value)) };
}

/** Two pictures of one size, mixed by a function of values between 0 and 1. */
export function blendImages(lower: RawImage, upper: RawImage, mix: (lower: number, upper: number) => number): RawImage {
  const mixed = lower.pixels.map((value, index) => {
    const share = mix(value / 255, (upper.pixels[index] ?? 0) / 255);
    return Math.round(255 * Math.min(1, Math.max(0, share)));
  });
  return { ...lower, pixels: Buffer.from(mixed) };
}

/** Scales; `crop` keeps the proportions and cuts off what is left over. */
export async function resizeImage(image: RawImage, width: number, height: number, crop: boolean): Promise<RawImage> {
  return fromSharp(toSharp(image).resize(width, height, { fit: crop ? 'cover' : 'fill' }));
}

export async function blurImage(image: RawImage, sigma: number): Promise<RawImage> {
  return fromSharp(toSharp(image).blur(Math.max(0.3, sigma)));
}

export function toSharp({ width, height, pixels }: RawImage): Sharp {
  return sharp(pixels, { raw: { width, height, channels } });
}

export async function fromSharp(source: Sharp): Promise<RawImage> {
  const { data, info } = await source.raw().toBuffer({ resolveWithObject: true });
  return { width: info.width, height: info.height, pixels: data };
}
