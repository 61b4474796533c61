import { Link } from 'wouter';
import { Page } from './Page';
import { Empty } from './states';

export function NotFoundPage() {
  return (
    <Page title="Page not found">
      <meta name="robots" content="noindex" />
      <Empty title="There is nothing at this address.">
        <p>It may have moved, or you may not have access to it.</p>
        <Link href="/" className="button">
          Go to the shop
        </Link>
      </Empty>
    </Page>
  );
}
