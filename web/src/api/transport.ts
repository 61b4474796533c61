/** Sends requests and reads answers. */

import { Refused, Unreachable } from './problem';

/** The gateway's path prefix for all services. */
export const BASE_URL = '/api';

/** In milliseconds. Longer than the services' own limit. */
const TIME_LIMIT = 20_000;

/** `fetch` with a time limit. Throws `Unreachable` if there is no answer. */
export async function reach(request: Request): Promise<Response> {
  try {
    return await fetch(request, { signal: AbortSignal.any([request.signal, AbortSignal.timeout(TIME_LIMIT)]) });
  } catch (error) {
    // The caller aborted the request and expects its own error.
    if (request.signal.aborted) throw error;
    throw new Unreachable(error);
  }
}

interface Answer<T> {
  data?: T;
  error?: unknown;
  response: Response;
}

/** Returns the body of a successful answer. Throws `Refused` for any other answer. */
export async function unwrap<T>(answering: Promise<Answer<T>>): Promise<T> {
  const { data, error, response } = await answering;
  if (!response.ok) throw new Refused(response, error);
  // A 204 has no body, and its type is `undefined`.
  return data as T;
}

/** Like `unwrap`, with the ETag of the answer. A later change sends it as `If-Match`. */
export async function unwrapTagged<T>(answering: Promise<Answer<T>>): Promise<{ body: T; etag: string | null }> {
  const { response } = await answering;
  return { body: await unwrap(answering), etag: response.headers.get('etag') };
}
