//! Graphs made up at random: whatever they are, they agree with themselves, and what
//! stripping leaves is whole, as it was, and not cut any further.

#[path = "support/graph_check.rs"]
mod graph_check;
#[path = "support/graph_model.rs"]
mod graph_model;
#[path = "support/graphs.rs"]
mod graphs;
#[path = "support/random.rs"]
mod random;

use random::Random;
use tfckpt::graph::{Copies, StripOptions};

const GRAPHS: u64 = 150;

fn made_up(seed: u64) -> Vec<u8> {
    let mut random = Random(seed);
    graph_model::made_up(&mut |n| random.below(n))
}

#[test]
fn graphs_agree_with_themselves() {
    for seed in 1..GRAPHS {
        let content = made_up(seed);
        let file = graphs::open(&graph_check::storage_of(&content), "/model.meta").unwrap();
        graph_check::look(file.meta_graph().unwrap()).unwrap();
    }
}

#[test]
fn what_is_left_is_whole_and_not_cut_any_further() {
    let mut cut = [0; 6];
    for seed in 1..GRAPHS {
        let content = made_up(seed);
        for number in 0..12 {
            let change = |options: &mut StripOptions| {
                options.copies = [Copies::Keep, Copies::WithEffect, Copies::All][number % 3];
                options.training = number / 3 % 2 == 1;
                options.constants = (number / 6 == 1).then_some(100);
            };
            let (left, stripped) = graph_check::strip_twice(&content, change).unwrap();
            graph_check::assert_whole(&content, &left);
            let kinds = [
                stripped.saver_nodes,
                stripped.copies,
                stripped.training,
                stripped.functions,
                stripped.collection_values,
                stripped.constants,
            ];
            cut.iter_mut().zip(kinds).for_each(|(sum, cut)| *sum += cut.count);
        }
    }
    // Each kind was there to be cut.
    assert!(cut.iter().all(|&cut| cut > 50), "{cut:?}");
}
