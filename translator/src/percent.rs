//! Percent-encoding: bytes that may not stand for themselves as `%` and two upper-case hexadecimal digits.

/// `text` with every byte encoded that is not `plain`, which must hold for US-ASCII only.
pub(crate) fn encode(text: &str, plain: impl Fn(u8) -> bool) -> String {
    const DIGITS: &[u8; 16] = b"0123456789ABCDEF";
    if text.bytes().all(&plain) {
        return text.to_owned();
    }
    let mut out = String::with_capacity(text.len() + 8);
    for byte in text.bytes() {
        if plain(byte) {
            out.push(char::from(byte));
        } else {
            out.push('%');
            out.push(char::from(DIGITS[usize::from(byte >> 4)]));
            out.push(char::from(DIGITS[usize::from(byte & 15)]));
        }
    }
    out
}
