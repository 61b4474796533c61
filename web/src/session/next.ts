/** The page to show after log-in. The address of the log-in page contains it. */

/** The address of the log-in page that returns to `next`. */
export function loginAddress(next: string): string {
  return `/login?next=${encodeURIComponent(next)}`;
}

/** The page of this shop that `search` names, or the front page. Never another site. */
export function nextAddress(search: string): string {
  const next = new URLSearchParams(search).get('next') ?? '/';
  const origin = 'https://shop.invalid';
  try {
    const url = new URL(next, origin);
    return url.origin === origin ? url.pathname + url.search : '/';
  } catch {
    return '/';
  }
}
