/** Where to go after logging in, as it is kept in the address of the log-in page. */

/** The log-in page that leads back there. */
export function loginAddress(next: string): string {
  return `/login?next=${encodeURIComponent(next)}`;
}

/** A page of this shop that `search` names; the front page where it names none. Never another site. */
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
