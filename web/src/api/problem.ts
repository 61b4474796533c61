/** What can go wrong with a request, and how it is said to a person. */

/** An RFC 9457 problem document, as all services send it. */
export interface Problem {
  type: string;
  title: string;
  status: number;
  detail: string;
  errors?: FieldError[];
  /** Of an Idempotency-Key that was used before: the order that was placed under it. */
  order_id?: string;
  /** Of a product that was changed since its ETag was read: the product as it is now. */
  current_product?: unknown;
}

export interface FieldError {
  /** RFC 6901 pointer into the request's body, or the name of a query parameter. */
  pointer: string;
  detail: string;
}

/** No answer came: the network is gone, or the gateway is. */
export class Unreachable extends Error {
  constructor(cause: unknown) {
    super('The shop cannot be reached.', { cause });
  }
}

/** An answer that says no. */
export class Refused extends Error {
  readonly status: number;
  readonly problem: Problem | undefined;
  /** What support would look for in the logs. */
  readonly requestId: string | null;
  /** Of a change that came too late: the version that there is now. */
  readonly etag: string | null;

  constructor(response: Response, body: unknown) {
    const problem = isProblem(body) ? body : undefined;
    super(problem?.detail ?? `The answer was ${response.status}.`);
    this.status = response.status;
    this.problem = problem;
    this.requestId = response.headers.get('x-request-id');
    this.etag = response.headers.get('etag');
  }
}

/** A form that cannot be sent: the page itself has found mistakes in its fields. */
export class Invalid extends Error {
  readonly errors: readonly FieldError[];

  constructor(errors: readonly FieldError[]) {
    super(errors.map(({ detail }) => detail).join(' '));
    this.errors = errors;
  }
}

function isProblem(body: unknown): body is Problem {
  return typeof body === 'object' && body !== null && 'detail' in body && typeof body.detail === 'string';
}

/** Whether the same request may well succeed in a moment. */
export function passes(error: unknown): boolean {
  return error instanceof Unreachable || (error instanceof Refused && [429, 502, 503, 504].includes(error.status));
}

/** Whether the request may have been carried out all the same: no answer came, or one that does not say. */
export function isUndecided(error: unknown): boolean {
  return error instanceof Unreachable || (error instanceof Refused && error.status >= 500);
}

/** Whether there is no such thing, or not for this person. */
export function isMissing(error: unknown): boolean {
  return error instanceof Refused && (error.status === 404 || error.status === 400);
}

/** One or two plain sentences. */
export function sentence(error: unknown): string {
  if (error instanceof Unreachable) {
    return 'The shop cannot be reached at the moment. Check your connection; nothing you entered is lost.';
  }
  if (error instanceof Refused) {
    if (error.status === 429) return `That was a little too fast. ${error.message}`;
    if (error.status === 502 || error.status === 503 || error.status === 504) {
      return 'The shop does not answer at the moment. Nothing you entered is lost; please try again in a few seconds.';
    }
    if (error.status >= 500) return 'Something went wrong on our side. It has been logged; please try again.';
    return error.message;
  }
  return 'Something unexpected happened in this page. Please try again.';
}

/** What is wrong with which field, by its pointer. */
export function fieldErrors(error: unknown): ReadonlyMap<string, string> {
  return new Map(allErrors(error).map(({ pointer, detail }) => [pointer, capitalised(detail)]));
}

function allErrors(error: unknown): readonly FieldError[] {
  if (error instanceof Invalid) return error.errors;
  return error instanceof Refused ? (error.problem?.errors ?? []) : [];
}

function capitalised(text: string): string {
  // The services mark names as in a manual, which a shop's customer need not read.
  const [first = '', ...rest] = text.replaceAll('`', '');
  const whole = first.toUpperCase() + rest.join('');
  return /[.!?]$/.test(whole) ? whole : `${whole}.`;
}
