import { declaredProperties } from "./sdk";

/** Like the real provider, autonames every type with an optional name. */
export function autonamed(type: string): boolean {
  const { inputs, required } = declaredProperties(type);
  return inputs.includes("name") && !required.includes("name");
}
