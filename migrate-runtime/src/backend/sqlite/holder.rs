//! Who holds a database file: the kernel's table of file locks knows, on Linux.
use std::path::Path;

/// The process that holds the database against writers, as `pid 1234 (name)`.
#[cfg(target_os = "linux")]
pub(super) fn find(database: &Path) -> Option<String> {
    let beside = |ending: &str| {
        let mut path = database.as_os_str().to_owned();
        path.push(ending);
        linux::FileId::of(Path::new(&path))
    };
    let files: Vec<linux::FileId> = ["", "-wal", "-shm"].into_iter().filter_map(beside).collect();
    let locks = std::fs::read_to_string("/proc/locks").ok()?;
    let own = std::process::id();
    // A run that works outside of transactions holds the database for moments, its own file always.
    let pid = linux::holder_in(&locks, &files).or_else(|| {
        linux::locker_in(&locks, beside(super::LOCK_FILE)?).filter(|pid| *pid != own)
    })?;
    if pid == own {
        return Some(format!("another connection of this process (pid {pid})"));
    }
    Some(crate::process::describe(pid))
}

/// Elsewhere nothing tells.
#[cfg(not(target_os = "linux"))]
pub(super) fn find(_: &Path) -> Option<String> {
    None
}

#[cfg(target_os = "linux")]
mod linux {
    use std::os::linux::fs::MetadataExt as _;
    use std::path::Path;

    /// A file as `/proc/locks` names it.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub(super) struct FileId {
        pub(super) major: u64,
        pub(super) minor: u64,
        pub(super) inode: u64,
    }

    impl FileId {
        pub(super) fn of(path: &Path) -> Option<Self> {
            let metadata = path.metadata().ok()?;
            let device = metadata.st_dev();
            // glibc's encoding of device numbers.
            let major = (device >> 8 & 0xfff) | (device >> 32 & !0xfff);
            let minor = (device & 0xff) | (device >> 12 & !0xff);
            Some(Self { major, minor, inode: metadata.st_ino() })
        }

        fn parse(text: &str) -> Option<Self> {
            let mut parts = text.split(':');
            Some(Self {
                major: u64::from_str_radix(parts.next()?, 16).ok()?,
                minor: u64::from_str_radix(parts.next()?, 16).ok()?,
                inode: parts.next()?.parse().ok()?,
            })
        }
    }

    /// The holder of a lock on one of the files, of the kind that SQLite takes; a writer before a
    /// reader.
    pub(super) fn holder_in(locks: &str, files: &[FileId]) -> Option<u32> {
        let held = held(locks)
            .filter(|lock| matches!(lock.kind, "POSIX" | "OFDLCK") && files.contains(&lock.file));
        held.max_by_key(|lock| lock.writes).map(|lock| lock.pid)
    }

    /// The process that locked the file as a whole.
    pub(super) fn locker_in(locks: &str, file: FileId) -> Option<u32> {
        held(locks).find(|lock| lock.kind == "FLOCK" && lock.file == file).map(|lock| lock.pid)
    }

    struct Held<'l> {
        kind: &'l str,
        writes: bool,
        pid: u32,
        file: FileId,
    }

    /// A line is `1: POSIX  ADVISORY  WRITE 3568 fd:00:2531452 0 EOF`; with `->` behind the number
    /// it is one that waits.
    fn held(locks: &str) -> impl Iterator<Item = Held<'_>> {
        locks.lines().filter_map(|line| {
            let words: Vec<&str> = line.split_whitespace().collect();
            let [_, kind, _, access, pid, file, ..] = words[..] else { return None };
            // Outside of our view of processes the kernel says 0 or -1.
            let pid = pid.parse().ok().filter(|pid| *pid > 0)?;
            Some(Held { kind, writes: access == "WRITE", pid, file: FileId::parse(file)? })
        })
    }

    #[cfg(test)]
    mod tests {
        use super::*;

        const LOCKS: &str = "\
1: FLOCK  ADVISORY  WRITE 11 fd:00:7 0 EOF
2: POSIX  ADVISORY  READ  12 fd:00:7 1073741826 1073742335
3: POSIX  ADVISORY  WRITE 13 fd:00:7 1073741825 1073741825
3: -> POSIX  ADVISORY  WRITE 14 fd:00:7 1073741825 1073741825
4: POSIX  ADVISORY  WRITE 15 fd:01:7 0 EOF
5: POSIX  ADVISORY  WRITE 0 fd:00:8 0 EOF
6: POSIX  ADVISORY  READ 16 fd:00:8 0 EOF
nonsense";

        #[test]
        fn a_writer_is_named_before_a_reader_and_waiters_never() {
            let file = |minor, inode| FileId { major: 0xfd, minor, inode };
            assert_eq!(holder_in(LOCKS, &[file(0, 7)]), Some(13));
            assert_eq!(holder_in(LOCKS, &[file(0, 8)]), Some(16));
            assert_eq!(holder_in(LOCKS, &[file(0, 9)]), None);
            assert_eq!(locker_in(LOCKS, file(0, 7)), Some(11));
            assert_eq!(locker_in(LOCKS, file(0, 8)), None);
        }
    }
}
