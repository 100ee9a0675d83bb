//! Picks the next token.

use std::cmp::Ordering;

/// How bold the choice is. A model this small loses its thread at the usual 0.7.
const TEMPERATURE: f32 = 0.2;
/// Only the likeliest tokens that make up this share are considered.
const TOP_SHARE: f32 = 0.9;
/// Tokens of the recent past are this much less likely, against going round in circles.
const REPETITION_PENALTY: f32 = 1.15;
/// How far back that reaches.
const RECENT: usize = 64;

/// A small generator of numbers; its quality is enough to pick words.
pub(super) struct Sampler {
    state: u64,
    temperature: f32,
}

impl Sampler {
    /// Equal seeds and prompts give equal answers.
    pub(super) fn new(seed: u64, temperature: Option<f32>) -> Self {
        Self { state: seed, temperature: temperature.unwrap_or(TEMPERATURE) }
    }

    /// The next token, given how likely each is and what was said.
    pub(super) fn pick(&mut self, mut scores: Vec<f32>, said: &[u32]) -> u32 {
        for token in &said[said.len().saturating_sub(RECENT)..] {
            if let Some(score) = scores.get_mut(*token as usize) {
                *score = if *score > 0.0 { *score / REPETITION_PENALTY } else { *score * REPETITION_PENALTY };
            }
        }
        let mut ranked: Vec<(u32, f32)> = (0..).zip(scores).collect();
        let by_score = |a: &(u32, f32), b: &(u32, f32)| b.1.partial_cmp(&a.1).unwrap_or(Ordering::Equal);
        // Fifty are more than the top share ever needs at this temperature.
        let cut = ranked.len().min(50);
        if cut < ranked.len() {
            ranked.select_nth_unstable_by(cut, by_score);
            ranked.truncate(cut);
        }
        ranked.sort_unstable_by(by_score);
        let Some(&(best, top)) = ranked.first() else { return 0 };
        if self.temperature <= 0.0 {
            return best;
        }
        let weights: Vec<f32> = ranked.iter().map(|(_, score)| ((score - top) / self.temperature).exp()).collect();
        let total: f32 = weights.iter().sum();
        let mut kept = 0.0;
        let count = weights.iter().position(|weight| {
            kept += weight / total;
            kept >= TOP_SHARE
        });
        let count = count.map_or(weights.len(), |place| place + 1);
        let mut goal = self.fraction() * weights[..count].iter().sum::<f32>();
        for ((token, _), weight) in ranked.iter().zip(&weights[..count]) {
            goal -= weight;
            if goal <= 0.0 {
                return *token;
            }
        }
        best
    }

    /// Splitmix64: <https://prng.di.unimi.it/splitmix64.c>.
    #[expect(clippy::cast_precision_loss, reason = "24 bits fit")]
    fn fraction(&mut self) -> f32 {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.state;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((mixed ^ (mixed >> 31)) >> 40) as f32 / (1_u32 << 24) as f32
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_likeliest_wins_when_cold_and_loses_when_repeated() {
        let mut sampler = Sampler::new(1, Some(0.0));
        assert_eq!(sampler.pick(vec![0.0, 5.0, 4.9], &[]), 1);
        assert_eq!(sampler.pick(vec![0.0, 5.0, 4.9], &[1, 1]), 2);
    }
}
