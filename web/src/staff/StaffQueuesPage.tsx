import { useQuery } from '@tanstack/react-query';
import { Link } from 'wouter';
import type { Queue } from '../api/client';
import { second } from '../ui/format';
import { Page } from '../ui/Page';
import { Empty, ErrorState, Loading } from '../ui/states';
import { queuesQuery } from './broker';
import { concern, KIND, plainly } from './words';

export default function StaffQueuesPage() {
  return (
    <Page title="Queues">
      <Queues />
    </Page>
  );
}

function Queues() {
  const list = useQuery({ ...queuesQuery, refetchOnMount: 'always' });
  if (list.isPending) return <Loading rows={8} />;
  if (list.data === undefined) return <ErrorState error={list.error} say={plainly} retry={() => void list.refetch()} />;
  if (list.data.length === 0) return <Empty title="RabbitMQ has no queues yet. No service has connected to it." />;
  const seen = second(new Date(list.dataUpdatedAt).toISOString());
  return (
    <>
      <div className="freshness">
        {list.isError ? (
          <p className="notice" role="alert">
            Last updated at {seen}. {plainly(list.error)}
          </p>
        ) : (
          <p className="quiet small">Counts by RabbitMQ, updated every few seconds. Last updated at {seen}.</p>
        )}
      </div>
      <div className="table-scroll">
        <table className="table queues">
          <thead>
            <tr>
              <th scope="col">Queue</th>
              <th scope="col" className="numeric">
                Waiting
              </th>
              <th scope="col" className="numeric">
                In progress
              </th>
              <th scope="col" className="numeric">
                Consumers
              </th>
            </tr>
          </thead>
          <tbody>
            {list.data.map((queue) => (
              <QueueRow key={queue.name} queue={queue} />
            ))}
          </tbody>
        </table>
      </div>
    </>
  );
}

function QueueRow({ queue }: { queue: Queue }) {
  const wrong = concern(queue);
  return (
    <tr>
      <th scope="row">
        {queue.kind === 'parking' ? <Link href="/staff/parked">{queue.name}</Link> : queue.name}{' '}
        {wrong && <span className={`badge badge-${wrong.tone}`}>{wrong.words}</span>}
        <span className="queue-kind">{KIND[queue.kind]}</span>
      </th>
      <td className="numeric">{queue.ready}</td>
      <td className="numeric">{queue.unacknowledged}</td>
      <td className="numeric">{queue.consumers}</td>
    </tr>
  );
}
