/** A host name with a top-level domain, in lower case. */
export const hostName = /^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]([a-z0-9-]{0,61}[a-z0-9])$/;

/** Whether a DNS zone can hold a name: at its apex or anywhere below. The root, "", holds every name. */
export function holds(zone: string, name: string): boolean {
  return zone === "" || name === zone || name.endsWith(`.${zone}`);
}

/** Whether a certificate's name fits a host. A wildcard covers exactly one label: not the apex, and not two labels. */
export function covers(covering: string, name: string): boolean {
  if (!covering.startsWith("*.")) return covering === name;
  return name.includes(".") && name.slice(name.indexOf(".")) === covering.slice(1);
}
