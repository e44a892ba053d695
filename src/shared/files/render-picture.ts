import sharp from 'sharp';
import { NotFoundError } from '../../common/index.js';
import type { RenditionVariant } from './renditions.service.js';

const THUMBNAIL_SIDE = 320;
/** All frames of an animation together: what a workflow makes is far below, and more would fill the memory. */
const LARGEST_PIXELS = 500_000_000;

/** A WebP of a picture, still or moving; undefined where a still one was asked to move. */
export async function renderPicture(bytes: Buffer, variant: RenditionVariant): Promise<Buffer | undefined> {
  try {
    const isMoving = variant === 'animation';
    const picture = sharp(bytes, { animated: isMoving, limitInputPixels: LARGEST_PIXELS });
    if (isMoving && ((await picture.metadata()).pages ?? 1) < 2) return undefined;
    if (variant === 'thumbnail') {
      picture.autoOrient().resize(THUMBNAIL_SIDE, THUMBNAIL_SIDE, { fit: 'inside', withoutEnlargement: true });
    }
    return await picture.webp({ quality: 80 }).toBuffer();
  } catch (error) {
    // A node may make what our library cannot read; asked again it would be no different.
    throw new NotFoundError(`The picture cannot be read: ${(error as Error).message}.`, 'NO_RENDITION');
  }
}
