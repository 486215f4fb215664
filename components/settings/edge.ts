import { object, optional, orNone, text } from "./kinds";

/** ACM takes at most 64 characters for the first name of a certificate. */
const longestHostName = 64;
const hostName = /^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]([a-z0-9-]{0,61}[a-z0-9])$/;

/** `{}` is no domain. */
export const domain = orNone(
  object({
    name: text(
      `a host name such as api.example.com, in lower case, of at most ${longestHostName} characters`,
      (value) => hostName.test(value) && value.length <= longestHostName,
    ),
    zone: optional(
      text("the name of a public hosted zone in this account, such as example.com", (value) => hostName.test(value)),
    ),
    zoneId: optional(
      text("the id of a public hosted zone, such as Z0123456789ABCDEF", (value) => /^Z[A-Z0-9]{1,31}$/.test(value)),
    ),
    certificateArn: optional(
      text("the arn of a certificate in ACM", (value) =>
        /^arn:aws:acm:[a-z0-9-]+:\d{12}:certificate\/[0-9a-f-]{36}$/.test(value),
      ),
    ),
  }),
);
