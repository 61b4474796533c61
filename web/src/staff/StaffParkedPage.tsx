import { useInfiniteQuery } from '@tanstack/react-query';
import { useEffect, useRef, useState } from 'react';
import { MoreButton } from '../ui/MoreButton';
import { Page } from '../ui/Page';
import { Empty, ErrorState, Loading } from '../ui/states';
import { parkedQuery } from './broker';
import { ParkedRow } from './ParkedRow';
import { type Done, notice, plainly } from './words';

export default function StaffParkedPage() {
  return (
    <Page title="Parked messages">
      <p className="lead">
        Failed messages wait here. Fix the cause, then replay. Steps of an order that are already done are not repeated.
      </p>
      <Parked />
    </Page>
  );
}

function Parked() {
  const list = useInfiniteQuery({ ...parkedQuery, refetchOnMount: 'always' });
  const total = list.data?.pages.at(-1)?.total;
  const [done, setDone] = useState<Done>({ count: 0, message: null, result: '' });
  const said = useRef<HTMLParagraphElement>(null);
  // The button that had the focus has disappeared with its message.
  useEffect(() => {
    if (done.count > 0) said.current?.focus();
  }, [done]);

  if (list.isPending) return <Loading rows={3} />;
  if (list.data === undefined) return <ErrorState error={list.error} say={plainly} retry={() => void list.refetch()} />;
  const messages = list.data.pages.flatMap((page) => page.items);
  const { words, tone } = notice(done, messages);
  return (
    <>
      <p className={`done done-${tone}`} role="status" tabIndex={-1} ref={said}>
        {words}
      </p>
      {list.isRefetchError && (
        <p className="notice" role="alert">
          This may be out of date. {plainly(list.error)}
        </p>
      )}
      {messages.length === 0 ? (
        <Empty title="Nothing is parked." />
      ) : (
        <ul className="parked-list">
          {messages.map((message) => (
            <ParkedRow
              key={message.id}
              message={message}
              onDone={(result) => setDone({ count: done.count + 1, message, result })}
            />
          ))}
        </ul>
      )}
      <div className="parked-end">
        <button type="button" className="button" aria-disabled={list.isFetching} onClick={() => void list.refetch()}>
          <span className={list.isRefetching ? 'busy' : undefined}>Refresh</span>
        </button>
        {total !== undefined && total > 0 && <p className="quiet small">{total} parked in total</p>}
      </div>
      <MoreButton list={list} what="messages" />
    </>
  );
}
