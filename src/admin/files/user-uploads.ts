/** Users' uploads, whose rows another module keeps that this one must not know (src/user-ports.module.ts). */
export interface UserUploads {
  /** By the rules that hold for its owner: throws 409 while a task needs it. False: nobody uploaded such a file. */
  deleteAnyones(fileId: string): Promise<boolean>;
}

export const USER_UPLOADS = Symbol('user uploads');
