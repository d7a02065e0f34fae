//! "Did you mean …?"

/// The candidate nearest to a misspelt word, when one is near enough to be meant: at most one
/// edit in three letters (a swap of neighbours is one edit). Case is ignored.
#[must_use]
pub fn nearest<'c>(word: &str, candidates: impl IntoIterator<Item = &'c str>) -> Option<&'c str> {
    let lower = word.to_lowercase();
    let allowed = lower.chars().count().div_ceil(3).min(3);
    candidates
        .into_iter()
        .map(|candidate| {
            (strsim::damerau_levenshtein(&lower, &candidate.to_lowercase()), candidate)
        })
        .filter(|(distance, _)| *distance <= allowed)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

/// `; did you mean `x`?`, or nothing.
#[must_use]
pub fn did_you_mean<'c>(word: &str, candidates: impl IntoIterator<Item = &'c str>) -> String {
    nearest(word, candidates)
        .map_or_else(String::new, |candidate| format!("; did you mean `{candidate}`?"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_near_word_is_found_and_a_far_one_is_not() {
        assert_eq!(
            nearest("run_in_transactions", ["run_in_transaction"]),
            Some("run_in_transaction")
        );
        assert_eq!(nearest("TABEL", ["TABLE", "TEMP"]), Some("TABLE"));
        assert_eq!(nearest("dir", ["dialect", "url-env"]), None);
    }
}
