//! All parcels, in an append-only file with one JSON [`Record`] per line.
//!
//! The lock of the book is held while a change is decided, written and applied. So the file has the changes
//! in the right sequence. A line is with the operating system before the answer is sent, so it survives the
//! end of the process.

use crate::domain::parcel::{Address, Event, Parcel};
use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use std::{
    collections::{BTreeSet, HashMap},
    fs::{File, OpenOptions},
    io::{self, BufRead as _, BufReader, Write as _},
    path::Path,
    sync::{Mutex, MutexGuard, PoisonError},
};

/// A change.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Record {
    /// A request with this key brought a parcel.
    Taken { key: String, parcel: Parcel },
    /// Something happened to a parcel.
    Happened { parcel: String, event: Event },
    /// A parcel got another address.
    Redirected { parcel: String, address: Address },
}

/// The parcels.
pub(crate) struct Ledger {
    book: Mutex<Book>,
    /// The time between two events of a parcel.
    step: TimeDelta,
}

struct Book {
    file: File,
    parcels: HashMap<String, Parcel>,
    /// The parcel of each idempotency key.
    keys: HashMap<String, String>,
    /// The parcels with a next event, by its time.
    due: BTreeSet<(DateTime<Utc>, String)>,
}

/// The answer to a request with an idempotency key.
#[derive(Debug)]
pub(crate) enum Taken {
    /// The parcel is new.
    New(Parcel),
    /// The same request has brought this parcel before.
    Before(Parcel),
    /// The key belongs to another request.
    KeyReused,
}

/// An attempt to change the address of a parcel.
pub(crate) enum Redirected {
    /// The parcel with its new address.
    Done(Parcel),
    /// There is no such parcel.
    Unknown,
    /// The parcel is in the vehicle, or has ended.
    TooLate,
}

impl Ledger {
    /// Opens or creates the file and reads it. An incomplete last line was interrupted, and its request was
    /// not answered, so it is removed.
    pub(crate) fn open(path: &Path, step: TimeDelta) -> io::Result<Self> {
        let mut file = OpenOptions::new().read(true).append(true).create(true).open(path)?;
        file.try_lock()?;
        let (mut records, mut whole) = (Vec::new(), 0);
        let mut reader = BufReader::new(&mut file);
        let mut line = Vec::new();
        while reader.read_until(b'\n', &mut line)? > 0 && line.ends_with(b"\n") {
            records.push(serde_json::from_slice(&line)?);
            whole += line.len() as u64;
            line.clear();
        }
        file.set_len(whole)?;
        let (parcels, keys, due) = Default::default();
        let mut book = Book { file, parcels, keys, due };
        for record in records {
            book.apply(record, step);
        }
        Ok(Self { book: Mutex::new(book), step })
    }

    /// Takes a parcel, unless a request with this key has brought one before.
    pub(crate) fn take(&self, key: &str, parcel: Parcel) -> io::Result<Taken> {
        let mut book = self.lock();
        if let Some(known) = book.keys.get(key).and_then(|id| book.parcels.get(id)) {
            let is_same = known.reference == parcel.reference && known.address == parcel.address;
            return Ok(if is_same { Taken::Before(known.clone()) } else { Taken::KeyReused });
        }
        book.write(Record::Taken { key: key.to_owned(), parcel: parcel.clone() }, self.step)?;
        Ok(Taken::New(parcel))
    }

    /// Whether a request with this key has brought a parcel.
    pub(crate) fn knows(&self, key: &str) -> bool {
        self.lock().keys.contains_key(key)
    }

    /// Changes the address of a parcel.
    pub(crate) fn redirect(&self, id: &str, address: Address) -> io::Result<Redirected> {
        let mut book = self.lock();
        match book.parcels.get(id) {
            None => return Ok(Redirected::Unknown),
            Some(parcel) if !parcel.address_is_open() => return Ok(Redirected::TooLate),
            Some(_) => {}
        }
        book.write(Record::Redirected { parcel: id.to_owned(), address }, self.step)?;
        Ok(book.parcels.get(id).cloned().map_or(Redirected::Unknown, Redirected::Done))
    }

    /// Finds a parcel.
    pub(crate) fn find(&self, id: &str) -> Option<Parcel> {
        self.lock().parcels.get(id).cloned()
    }

    /// All parcels, in any order.
    pub(crate) fn all(&self) -> Vec<Parcel> {
        self.lock().parcels.values().cloned().collect()
    }

    /// Lets everything happen that is due. Returns the events with their parcels.
    pub(crate) fn advance(&self, now: DateTime<Utc>) -> io::Result<Vec<(Parcel, Event)>> {
        let mut book = self.lock();
        let mut happened = Vec::new();
        while let Some((_, id)) = book.due.first().filter(|(at, _)| *at <= now).cloned() {
            let Some(event) = book.parcels.get(&id).and_then(|parcel| parcel.next_event(self.step)) else {
                break;
            };
            book.write(Record::Happened { parcel: id.clone(), event: event.clone() }, self.step)?;
            happened.extend(book.parcels.get(&id).cloned().map(|parcel| (parcel, event)));
        }
        Ok(happened)
    }

    fn lock(&self) -> MutexGuard<'_, Book> {
        // A panic under the lock does not leave the book in an inconsistent state.
        self.book.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Book {
    fn write(&mut self, record: Record, step: TimeDelta) -> io::Result<()> {
        let mut line = serde_json::to_vec(&record)?;
        line.push(b'\n');
        self.file.write_all(&line)?;
        self.apply(record, step);
        Ok(())
    }

    /// Applies a change. It decides nothing, because it also replays the file.
    fn apply(&mut self, record: Record, step: TimeDelta) {
        let id = match record {
            Record::Taken { key, parcel } => {
                let id = parcel.id.clone();
                self.keys.insert(key, id.clone());
                self.parcels.insert(id.clone(), parcel);
                id
            }
            Record::Happened { parcel: id, event } => {
                if let Some(parcel) = self.parcels.get_mut(&id) {
                    self.due.remove(&(event.at, id.clone()));
                    parcel.events.push(event);
                }
                id
            }
            Record::Redirected { parcel: id, address } => {
                if let Some(parcel) = self.parcels.get_mut(&id) {
                    parcel.address = address;
                }
                return;
            }
        };
        if let Some(next) = self.parcels.get(&id).and_then(|parcel| parcel.next_event(step)) {
            self.due.insert((next.at, id));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        domain::parcel::{End, Status},
        testing::{Folder, address},
    };

    const STEP: TimeDelta = TimeDelta::seconds(4);

    fn parcel(id: &str) -> Parcel {
        Parcel::taken(id.into(), "7".into(), address(), End::Delivered, DateTime::UNIX_EPOCH)
    }

    #[test]
    fn parcels_and_their_progress_survive_a_restart() {
        let folder = Folder::new();
        let open = || Ledger::open(&folder.file(), STEP).unwrap();
        let ledger = open();
        assert!(matches!(ledger.take("k", parcel("P1")).unwrap(), Taken::New(_)));
        assert!(ledger.advance(DateTime::UNIX_EPOCH).unwrap().is_empty(), "nothing is due");
        let happened = ledger.advance(DateTime::UNIX_EPOCH + STEP).unwrap();
        assert_eq!(happened.iter().map(|(_, event)| event.status).collect::<Vec<_>>(), [Status::InTransit]);
        let moved = Address { street: "2 Side Street".into(), ..address() };
        assert!(matches!(ledger.redirect("P1", moved.clone()).unwrap(), Redirected::Done(_)));
        drop(ledger);

        // The last line was interrupted.
        let mut file = OpenOptions::new().append(true).open(folder.file()).unwrap();
        file.write_all(b"{\"taken\":").unwrap();
        let ledger = open();
        assert_eq!(ledger.find("P1").unwrap().address, moved);
        assert!(matches!(ledger.take("k", parcel("P2")).unwrap(), Taken::KeyReused), "another address");
        let rest = ledger.advance(DateTime::UNIX_EPOCH + STEP * 9).unwrap();
        let statuses: Vec<_> = rest.iter().map(|(_, event)| event.status).collect();
        assert_eq!(statuses, [Status::OutForDelivery, Status::Delivered], "each step is due at its own time");
        assert!(ledger.advance(DateTime::<Utc>::MAX_UTC).unwrap().is_empty(), "the parcel has arrived");
        assert!(matches!(ledger.redirect("P1", address()).unwrap(), Redirected::TooLate));
    }

    #[test]
    fn a_repeated_request_gets_the_first_parcel() {
        let folder = Folder::new();
        let ledger = Ledger::open(&folder.file(), STEP).unwrap();
        ledger.take("k", parcel("P1")).unwrap();
        let Taken::Before(before) = ledger.take("k", parcel("P2")).unwrap() else {
            panic!("a second parcel")
        };
        assert_eq!(before.id, "P1");
        assert_eq!(ledger.all().len(), 1);
    }
}
