/** Sending a request and getting its answer, whoever asks. */

import { Refused, Unreachable } from './problem';

/** The gateway's prefix of all services. */
export const BASE_URL = '/api';

/** Longer than the services take to give up themselves. */
const TIME_LIMIT = 20_000;

/** `fetch`, with a time limit and an error that says what it is. */
export async function reach(request: Request): Promise<Response> {
  try {
    return await fetch(request, { signal: AbortSignal.any([request.signal, AbortSignal.timeout(TIME_LIMIT)]) });
  } catch (error) {
    // Whoever gave up the request knows it.
    if (request.signal.aborted) throw error;
    throw new Unreachable(error);
  }
}

interface Answer<T> {
  data?: T;
  error?: unknown;
  response: Response;
}

/** The body of a good answer; throws what is wrong with another one. */
export async function unwrap<T>(answering: Promise<Answer<T>>): Promise<T> {
  const { data, error, response } = await answering;
  if (!response.ok) throw new Refused(response, error);
  // 204 has no body, and its type says so.
  return data as T;
}

/** The same, with the ETag of the answer, which a later change sends as `If-Match`. */
export async function unwrapTagged<T>(answering: Promise<Answer<T>>): Promise<{ body: T; etag: string | null }> {
  const { response } = await answering;
  return { body: await unwrap(answering), etag: response.headers.get('etag') };
}
