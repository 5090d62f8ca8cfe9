/** A file that is served beside the program. */
export const moduleBytes = async (url: URL): Promise<Uint8Array<ArrayBuffer>> =>
  new Uint8Array(await (await fetch(url)).arrayBuffer());

/** A browser has the instructions or has them not. */
export const enableRelaxedSimd = (): void => {};
