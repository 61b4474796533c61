import type { HistoryEntry } from '../api/client';
import { second } from '../ui/format';
import { step } from './words';

export function History({ entries }: { entries: readonly HistoryEntry[] }) {
  const attempts = (upTo: number) => entries.slice(0, upTo + 1).filter(({ status }) => status === 'reserved').length;
  return (
    <ol className="history">
      {entries.map((entry, index) => (
        <li key={entry.version}>
          <time dateTime={entry.at}>{second(entry.at)}</time>
          <span>{step(entry, attempts(index))}</span>
        </li>
      ))}
    </ol>
  );
}
