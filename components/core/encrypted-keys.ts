/** Keys of the stack's configuration that are encrypted, as the language host passes them on: `project:key`. */
export const encryptedKeys = (): readonly string[] => JSON.parse(process.env.PULUMI_CONFIG_SECRET_KEYS || "[]");
