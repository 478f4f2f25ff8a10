/** Which of a session's two sides this program ever is. */

/** Whether it asks for sessions. In a firmware that dials nobody the build says false here, and what is for that is left out. */
const initiates = true;

/** What a session that this side asked for has of that; null where it asks for none. @inline */
export function ofInitiator<T>(it: T): T | null {
  return initiates ? it : null;
}
