//! When to try again after a failure that may pass.

/// First pause: long enough to let a hiccup pass, short enough that nobody notices.
pub const BASE_MS: i64 = 1_000;
/// Longest pause: an org that is down for hours is still asked four times an hour.
pub const CAP_MS: i64 = 15 * 60 * 1_000;

/// Milliseconds to pause before attempt number `attempt` (1 = the first repetition).
///
/// Exponential with full jitter: evenly spread between zero and `min(CAP, BASE · 2^(attempt−1))`, never less than a
/// tenth of it so that a burst of failures cannot turn into a burst of calls. `random` is from 0 to 1; whatever lies
/// outside is clamped.
pub fn pause_ms(attempt: u32, random: f64) -> i64 {
    let ceiling = ceiling_ms(attempt);
    let share = if random.is_nan() {
        1.0
    } else {
        random.clamp(0.0, 1.0)
    };
    let jittered = (ceiling as f64 * share) as i64;
    jittered.max(ceiling / 10)
}

fn ceiling_ms(attempt: u32) -> i64 {
    let doublings = attempt.saturating_sub(1).min(20);
    (BASE_MS << doublings).min(CAP_MS)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_pause_doubles_up_to_the_cap() {
        let longest: Vec<i64> = (1..=12).map(|attempt| pause_ms(attempt, 1.0)).collect();
        assert_eq!(
            longest,
            [
                1_000, 2_000, 4_000, 8_000, 16_000, 32_000, 64_000, 128_000, 256_000, 512_000,
                900_000, 900_000
            ]
        );
    }

    #[test]
    fn odd_input_gives_a_sane_pause() {
        for attempt in [0, 1, 63, u32::MAX] {
            for random in [-1.0, 0.0, 0.5, 2.0, f64::NAN, f64::INFINITY] {
                let pause = pause_ms(attempt, random);
                assert!(
                    (BASE_MS / 10..=CAP_MS).contains(&pause),
                    "{attempt} {random} gave {pause}"
                );
            }
        }
    }
}
