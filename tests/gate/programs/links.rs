// Reads links, counts them, follows them. What the variants change: PERCENT, EXTRA, the name of slow_one.
use std::collections::HashMap;
use std::time::{SystemTime, UNIX_EPOCH};

const PERCENT: usize = 100; // of its work that slow_one does
const EXTRA: usize = 0; // of added_one's

mod rank {
    #[inline(never)]
    pub fn slow_one(to: &[usize], n: usize) -> f64 {
        let mut weight = vec![1.0; to.len()];
        for i in 0..n {
            let from = i % to.len();
            let part = weight[from] * 0.15;
            weight[to[from]] += part;
            weight[from] -= part;
        }
        weight.iter().fold(0.0, |a, b| if *b > a { *b } else { a })
    }

    #[inline(never)]
    pub fn added_one(to: &[usize], n: usize) -> usize {
        (0..n).fold(0, |sum, i| sum * 31 % 1000003 + to[i % to.len()])
    }
}

#[inline(never)]
fn parse(text: &str, n: usize) -> usize {
    let mut sum = 0;
    for _ in 0..n {
        for line in text.lines() {
            sum += line.split(' ').filter_map(|w| w.parse::<usize>().ok()).sum::<usize>();
        }
    }
    sum
}

#[inline(never)]
fn count(to: &[usize], n: usize) -> usize {
    let mut counts: HashMap<String, usize> = HashMap::new();
    for i in 0..n {
        *counts.entry(format!("link{}", to[i % to.len()])).or_insert(0) += 1;
    }
    let mut all: Vec<_> = counts.into_iter().collect();
    all.sort();
    all.len()
}

fn main() {
    let noise: f64 = std::env::args().nth(1).unwrap().parse().unwrap();
    let mut state = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_nanos() as u64 | 1;
    let mut amount = |n: usize| {
        let mut sum = -6.0;
        for _ in 0..12 {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            sum += (state >> 11) as f64 / (1u64 << 53) as f64;
        }
        (n as f64 * (1.0 + noise * sum)) as usize
    };
    let to: Vec<usize> = (0..5000).map(|i| i * 7919 % 5000).collect();
    let text: String = to.iter().map(|i| format!("{} links to {}\n", i, i * 3)).collect();
    let mut sum = parse(&text, amount(25)) + count(&to, amount(60000));
    let best = rank::slow_one(&to, amount(80000 * PERCENT));
    if EXTRA > 0 {
        sum += rank::added_one(&to, amount(EXTRA));
    }
    println!("{} {}", sum, best);
}
