//! The table, printed.

use crate::cost::Cost;
use crate::fit::exponent;
use crate::work::Work;

const MIB: f64 = (1 << 20) as f64;
/// Below this, what a call takes whatever it does is most of it.
const FIRST_FITTED: f64 = 1e4;

type Costs = [Cost; Work::ALL.len()];

pub fn print_head() {
    println!("milliseconds, and MiB at most beyond what the caller has:");
    print!("{:>10}{:>8}", "entries", "shards");
    for work in Work::ALL {
        print!("{:>18}", work.name());
    }
    println!();
}

pub fn print_row(entries: u64, shards: u32, costs: &Costs) {
    print!("{entries:>10}{shards:>8}");
    for cost in costs {
        print!("{:>10.2}{:>8.1}", cost.seconds * 1e3, cost.bytes / MIB);
    }
    println!();
}

/// Of time and of memory, over the rows that are large enough.
pub fn print_exponents(rows: &[(f64, Costs)]) {
    let fitted: Vec<_> = rows.iter().filter(|row| row.0 >= FIRST_FITTED).collect();
    if fitted.len() < 2 {
        return;
    }
    let of = |work: usize, measure: fn(&Cost) -> f64| {
        let points: Vec<_> = fitted.iter().map(|(n, costs)| (*n, measure(&costs[work]))).collect();
        exponent(&points)
    };
    print!("{:>18}", "exponent");
    for work in 0..Work::ALL.len() {
        print!("{:>10.2}{:>8.2}", of(work, |it| it.seconds), of(work, |it| it.bytes.max(MIB)));
    }
    let n_log_n: Vec<_> = fitted.iter().map(|(n, _)| (*n, n * n.ln())).collect();
    println!("   (n log n: {:.2})", exponent(&n_log_n));
}
