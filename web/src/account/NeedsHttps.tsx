import { Page } from '../ui/Page';

/** Replaces the password form on a page without TLS. Browsers refuse the session cookie on such a page. */
export function NeedsHttps({ title }: { title: string }) {
  return (
    <Page title={title}>
      <p className="notice">
        This page was loaded without HTTPS, so your browser does not keep you logged in. Open the shop at an address
        that begins with <b>https://</b>. On the machine that runs it, <b>http://localhost</b> works too.
      </p>
    </Page>
  );
}
