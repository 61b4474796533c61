/** Errors of requests, and their texts for people. */

/** A problem document (RFC 9457). All services use this form. */
export interface Problem {
  type: string;
  title: string;
  status: number;
  detail: string;
  errors?: FieldError[];
  /** If the Idempotency-Key was used before: the order that was placed with it. */
  order_id?: string;
  /** If the product was changed since its ETag was read: the current product. */
  current_product?: unknown;
  /** If the promotion was changed since its ETag was read: the current promotion. */
  current_promotion?: unknown;
}

export interface FieldError {
  /** A JSON pointer (RFC 6901) into the request's body, or the name of a query parameter. */
  pointer: string;
  detail: string;
}

/** There was no answer: the network or the gateway is down. */
export class Unreachable extends Error {
  constructor(cause: unknown) {
    super('The shop cannot be reached.', { cause });
  }
}

/** The answer has an error status. */
export class Refused extends Error {
  readonly status: number;
  readonly problem: Problem | undefined;
  /** The id of the request in the logs. */
  readonly requestId: string | null;
  /** If a change was based on an old version: the ETag of the current one. */
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

/** The page itself found mistakes in the fields of a form, so it was not sent. */
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

/** Whether the same request may succeed soon. */
export function isTemporary(error: unknown): boolean {
  return error instanceof Unreachable || (error instanceof Refused && [429, 502, 503, 504].includes(error.status));
}

/** Whether the request may have been carried out, although there was no answer or no clear one. */
export function isUndecided(error: unknown): boolean {
  return error instanceof Unreachable || (error instanceof Refused && error.status >= 500 && !isBusy(error));
}

/** Whether the service refused the request because it has too much work. It has changed nothing. */
function isBusy(error: Refused): boolean {
  return error.problem?.type === '/problems/busy';
}

/** Whether the fields of the request are not valid, so that the same request cannot succeed. */
export function isInvalid(error: unknown): boolean {
  return error instanceof Refused && error.status === 422;
}

/** Whether the item does not exist or is not visible to this user. */
export function isMissing(error: unknown): boolean {
  return error instanceof Refused && (error.status === 404 || error.status === 400);
}

/** The error in one or two plain sentences. */
export function sentence(error: unknown): string {
  if (error instanceof Unreachable) {
    return 'The shop cannot be reached at the moment. Check your connection; nothing you entered is lost.';
  }
  if (error instanceof Refused) {
    if (error.status === 429) return `There were too many requests. ${error.message}`;
    if (isBusy(error)) return error.message;
    if (error.status === 502 || error.status === 503 || error.status === 504) {
      return 'The shop does not answer at the moment. Nothing you entered is lost; please try again in a few seconds.';
    }
    if (error.status >= 500) return 'Something went wrong on our side. It has been logged; please try again.';
    return error.message;
  }
  return 'Something unexpected happened in this page. Please try again.';
}

/** The errors of the fields, by JSON pointer. */
export function fieldErrors(error: unknown): ReadonlyMap<string, string> {
  return new Map(allErrors(error).map(({ pointer, detail }) => [pointer, capitalised(detail)]));
}

/** The first error of this field, or of a part of it. */
export function errorAt(errors: ReadonlyMap<string, string>, pointer: string): string | undefined {
  return [...errors].find(([at]) => isAt(at, pointer))?.[1];
}

/** Whether a pointer names this field or a part of it. */
export const isAt = (at: string, pointer: string): boolean => at === pointer || at.startsWith(`${pointer}/`);

function allErrors(error: unknown): readonly FieldError[] {
  if (error instanceof Invalid) return error.errors;
  return error instanceof Refused ? (error.problem?.errors ?? []) : [];
}

function capitalised(text: string): string {
  // The services mark names with backticks. They are removed for customers.
  const [first = '', ...rest] = text.replaceAll('`', '');
  const whole = first.toUpperCase() + rest.join('');
  return /[.!?]$/.test(whole) ? whole : `${whole}.`;
}
