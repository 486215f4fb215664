import type { IncomingMessage } from "node:http";
import type { TargetAddress } from ".";
import { nameOf } from "./target-group";

/** Reads the target out of the cookie of an earlier answer. AWS encrypts it; here it is base64. */
export function stickyTarget({ headers }: IncomingMessage): string | undefined {
  const cookie = /(?:^|;\s*)AWSALB=([^;]+)/.exec(headers.cookie ?? "")?.[1];
  return cookie === undefined ? undefined : Buffer.from(decodeURIComponent(cookie), "base64").toString();
}

/** Every answer renews the cookies (https://docs.aws.amazon.com/elasticloadbalancing/latest/application/edit-target-group-attributes.html#sticky-sessions). */
export function stickyCookies(address: TargetAddress, seconds: number | undefined): string[] {
  if (seconds === undefined) return [];
  const value = encodeURIComponent(Buffer.from(nameOf(address)).toString("base64"));
  const expires = new Date(Date.now() + seconds * 1000).toUTCString();
  return [
    ...["Set-Cookie", `AWSALB=${value}; Expires=${expires}; Path=/`],
    ...["Set-Cookie", `AWSALBCORS=${value}; Expires=${expires}; Path=/; SameSite=None`],
  ];
}
