//! Times, and ratios of times.

use std::error::Error;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use nix::sys::resource::{UsageWho, getrusage};
use nix::sys::time::TimeVal;

pub(crate) type Result<T> = std::result::Result<T, Box<dyn Error>>;

/// What one run took.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Sample {
    /// On the clock.
    pub(crate) wall: Duration,
    /// On the processors: user and system.
    pub(crate) cpu: Duration,
}

/// Something to measure.
pub(crate) type Run<'r> = Box<dyn FnMut() -> Result<Sample> + 'r>;

/// Runs the contestants in turn, `rounds` times, after one round that does not count. The median
/// of each.
pub(crate) fn in_turn<const N: usize>(
    rounds: usize,
    mut runs: [Run<'_>; N],
) -> Result<[Sample; N]> {
    let mut samples: [Vec<Sample>; N] = std::array::from_fn(|_| Vec::with_capacity(rounds));
    for round in 0..=rounds {
        for (run, samples) in runs.iter_mut().zip(&mut samples) {
            let sample = run()?;
            if round > 0 {
                samples.push(sample);
            }
        }
    }
    Ok(samples.map(|samples| Sample {
        wall: median(samples.iter().map(|sample| sample.wall)),
        cpu: median(samples.iter().map(|sample| sample.cpu)),
    }))
}

fn median(times: impl Iterator<Item = Duration>) -> Duration {
    let mut times: Vec<Duration> = times.collect();
    times.sort_unstable();
    times.get(times.len() / 2).copied().unwrap_or_default()
}

/// One run of a process, from its start to its end; its output goes nowhere.
pub(crate) fn process(command: &mut Command) -> Result<Sample> {
    command.stdout(Stdio::null()).stderr(Stdio::null());
    let before = cpu(UsageWho::RUSAGE_CHILDREN)?;
    let started = Instant::now();
    let status = command.status().map_err(|error| format!("{command:?}: {error}"))?;
    let wall = started.elapsed();
    if !status.success() {
        return Err(format!("{command:?}: {status}").into());
    }
    Ok(Sample { wall, cpu: cpu(UsageWho::RUSAGE_CHILDREN)? - before })
}

/// One call in this process.
pub(crate) fn call(work: impl FnOnce() -> Result<()>) -> Result<Sample> {
    let before = cpu(UsageWho::RUSAGE_SELF)?;
    let started = Instant::now();
    work()?;
    Ok(Sample { wall: started.elapsed(), cpu: cpu(UsageWho::RUSAGE_SELF)? - before })
}

fn cpu(who: UsageWho) -> Result<Duration> {
    let usage = getrusage(who)?;
    let time = |time: TimeVal| -> Result<Duration> {
        let micros = u64::try_from(time.tv_usec())?;
        Ok(Duration::from_secs(u64::try_from(time.tv_sec())?) + Duration::from_micros(micros))
    };
    Ok(time(usage.user_time())? + time(usage.system_time())?)
}

impl std::ops::Add for Sample {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self { wall: self.wall + other.wall, cpu: self.cpu + other.cpu }
    }
}
