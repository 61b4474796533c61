import { useInfiniteQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { Link } from 'wouter';
import type { Promotion } from '../api/client';
import { MoreButton } from '../ui/MoreButton';
import { Page } from '../ui/Page';
import { Empty, ErrorState, Loading } from '../ui/states';
import { promotionsQuery } from './promotions';
import { appliesTo, standing, takesOff, usesOf, windowOf } from './promotionWords';
import { timeZone } from './times';
import { plainly } from './words';

export default function StaffPromotionsPage() {
  return (
    <Page
      title="Promotions"
      aside={
        <Link href="/staff/promotions/new" className="button">
          Add a promotion
        </Link>
      }
    >
      <Promotions />
    </Page>
  );
}

function Promotions() {
  const list = useInfiniteQuery({ ...promotionsQuery, refetchOnMount: 'always' });
  const [now] = useState(() => Date.now());
  if (list.isPending) return <Loading rows={6} />;
  if (list.data === undefined) {
    return <ErrorState error={list.error} say={plainly} retry={() => void list.refetch()} />;
  }
  const promotions = list.data.pages.flatMap((page) => page.items);
  if (promotions.length === 0) return <Empty title="No promotions yet." />;
  return (
    <>
      <p className="lead">Without a code a promotion applies automatically. Times are in {timeZone()}.</p>
      <div className="table-scroll">
        <table className="table promotions">
          <thead>
            <tr>
              <th scope="col">Promotion</th>
              <th scope="col">Takes off</th>
              <th scope="col">Applies to</th>
              <th scope="col">Code</th>
              <th scope="col">Time</th>
              <th scope="col">Status</th>
              <th scope="col" className="numeric">
                Orders
              </th>
            </tr>
          </thead>
          <tbody>
            {promotions.map((promotion) => (
              <PromotionRow key={promotion.id} promotion={promotion} now={now} />
            ))}
          </tbody>
        </table>
      </div>
      <MoreButton list={list} what="promotions" />
    </>
  );
}

function PromotionRow({ promotion, now }: { promotion: Promotion; now: number }) {
  const { id, terms } = promotion;
  const { words, tone } = standing(promotion, now);
  return (
    <tr>
      <th scope="row">
        <Link href={`/staff/promotions/${id}`} dir="auto">
          {terms.name}
        </Link>
      </th>
      <td className="number">{takesOff(terms)}</td>
      <td dir="auto">{appliesTo(terms.scope)}</td>
      <td>{terms.code ?? <span className="quiet">none</span>}</td>
      <td className="small">{windowOf(terms)}</td>
      <td>
        <span className={`badge badge-${tone}`}>{words}</span>
      </td>
      <td className="numeric">{usesOf(promotion)}</td>
    </tr>
  );
}
