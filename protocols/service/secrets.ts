/** Where a board has what nobody gets from it. docs/decisions/0014-secrets.md. */

/** @param config the file of a configuration: devsock.json, or devsock.b.json @returns the file of its secrets */
export function secretFileOf(config: string): string {
  return config.substring(0, config.length - 4) + "key";
}
