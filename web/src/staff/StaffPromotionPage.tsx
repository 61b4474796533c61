import { useQuery } from '@tanstack/react-query';
import { isMissing } from '../api/problem';
import { NotFoundPage } from '../ui/NotFoundPage';
import { Page } from '../ui/Page';
import { ErrorState, Loading } from '../ui/states';
import { PromotionForm } from './PromotionForm';
import { promotionQuery } from './promotions';
import { usesOf } from './promotionWords';
import { plainly } from './words';

/** The page of a promotion. The id `new` adds one. */
export default function StaffPromotionPage({ id }: { id: string }) {
  if (id === 'new') {
    return (
      <Page title="Add a promotion">
        <PromotionForm />
      </Page>
    );
  }
  return <Existing id={id} />;
}

function Existing({ id }: { id: string }) {
  const reading = useQuery({ ...promotionQuery(id), refetchOnMount: 'always' });
  // Wait for a fresh read. A cached promotion may be stale.
  if (reading.isPending || !reading.isFetchedAfterMount) return <Loading kind="block" rows={1} />;
  if (reading.data === undefined) {
    if (isMissing(reading.error)) return <NotFoundPage />;
    return <ErrorState error={reading.error} say={plainly} retry={() => void reading.refetch()} />;
  }
  const { promotion } = reading.data;
  return (
    <Page title={promotion.terms.name}>
      <p className="lead">Orders that use it: {usesOf(promotion)}. These orders keep their price.</p>
      <PromotionForm key={promotion.id} read={reading.data} />
    </Page>
  );
}
