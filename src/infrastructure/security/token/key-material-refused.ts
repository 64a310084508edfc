/** What should hold keys does not. The message ends a sentence that begins with where: "has no certificate". */
export class KeyMaterialRefused extends Error {
  override readonly name = 'KeyMaterialRefused';
}
