//! Who has a file open: the system knows, on Linux, of the processes that we may look into.

use std::path::Path;

/// The other processes that have one of these files open, as `pid 1234 (name)`.
#[cfg(target_os = "linux")]
pub(super) fn of(files: &[impl AsRef<Path>]) -> Vec<String> {
    use std::fs;
    use std::os::unix::fs::MetadataExt as _;

    let identity = |path: &Path| fs::metadata(path).map(|file| (file.dev(), file.ino())).ok();
    let files: Vec<(u64, u64)> = files.iter().filter_map(|file| identity(file.as_ref())).collect();
    let is_open = |process: &Path| {
        let open = fs::read_dir(process.join("fd")).into_iter().flatten().flatten();
        open.into_iter()
            .any(|file| identity(&file.path()).is_some_and(|file| files.contains(&file)))
    };
    let mut pids: Vec<_> = fs::read_dir("/proc")
        .into_iter()
        .flatten()
        .flatten()
        .filter_map(|entry| entry.file_name().to_str()?.parse::<u32>().ok())
        .filter(|pid| *pid != std::process::id())
        .filter(|pid| is_open(&Path::new("/proc").join(pid.to_string())))
        .collect();
    pids.sort_unstable();
    pids.into_iter()
        .map(|pid| match fs::read_to_string(format!("/proc/{pid}/comm")) {
            Ok(name) => format!("pid {pid} ({})", name.trim_end()),
            Err(_) => format!("pid {pid}"),
        })
        .collect()
}

/// Elsewhere nothing tells.
#[cfg(not(target_os = "linux"))]
pub(super) fn of(_: &[impl AsRef<Path>]) -> Vec<String> {
    Vec::new()
}
