import { useEffect, useState } from 'react';
import { dateTime } from '../ui/format';
import { ago } from './words';

/** The age of a time, such as `21 seconds ago`. It is updated while it is shown. */
export function Ago({ at }: { at: string }) {
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    const clock = setInterval(() => setNow(Date.now()), 1_000);
    return () => clearInterval(clock);
  }, []);
  return (
    <time dateTime={at} title={dateTime(at)}>
      {ago(at, now)}
    </time>
  );
}
