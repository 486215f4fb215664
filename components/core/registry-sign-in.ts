/** The value of the secret that `imageCredentials` names, as ECS defines it (https://docs.aws.amazon.com/AmazonECS/latest/developerguide/private-auth.html). */
export interface RegistrySignIn {
  readonly username: string;
  readonly password: string;
}

/** Undefined for any other value. */
export function parseSignIn(secret: string): RegistrySignIn | undefined {
  try {
    const { username, password } = JSON.parse(secret) as Partial<Record<keyof RegistrySignIn, unknown>>;
    if (typeof username !== "string" || typeof password !== "string") return undefined;
    return username && password ? { username, password } : undefined;
  } catch {
    return undefined;
  }
}

/** What is wrong with a secret that is no sign-in. Its content is not shown. */
export const signInFormat = 'a secret whose value is {"username": "…", "password": "…"}';
