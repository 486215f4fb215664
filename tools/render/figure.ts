/** Of every chart; the page scales it. */
export const width = 720;

export const figure = (caption: string, height: number, label: string, body: string) =>
  `<figure><svg viewBox="0 0 ${width} ${height}" role="img" aria-label="${label}">${body}</svg><figcaption>${caption}</figcaption></figure>`;
