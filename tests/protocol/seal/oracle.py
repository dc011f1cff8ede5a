"""SM2, SM3, SM4 and GCM written a second time, in plain Python from the standards' text.

An oracle and nothing else: it is slow, its time depends on secrets, and no package may import it.
Sources: GM/T 0003.1-4 (SM2), GM/T 0004 (SM3), GM/T 0002 (SM4), NIST SP 800-38D (GCM).
"""

from dataclasses import dataclass

MASK = 0xFFFFFFFF
P = 0xFFFFFFFEFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF00000000FFFFFFFFFFFFFFFF
A = 0xFFFFFFFEFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF00000000FFFFFFFFFFFFFFFC
B = 0x28E9FA9E9D9F5E344D5A9E4BCF6509A7F39789F515AB8F92DDBCBD414D940E93
N = 0xFFFFFFFEFFFFFFFFFFFFFFFFFFFFFFFF7203DF6B21C6052B53BBF40939D54123
G = (
    0x32C4AE2C1F1981195F9904466A39C9948FE30BBFF2660BE1715A4589334C74C7,
    0xBC3736A2F4F6779C59BDCEE36B692153D0A9877CC62A474002DF32E52139F0A0,
)
Point = tuple[int, int] | None
"""Affine; None is the point at infinity."""


def _turn(word: int, by: int) -> int:
    by %= 32
    return ((word << by) | (word >> (32 - by))) & MASK


# --- SM3 ---


def sm3(message: bytes) -> bytes:
    state = [
        0x7380166F, 0x4914B2B9, 0x172442D7, 0xDA8A0600, 0xA96F30BC, 0x163138AA, 0xE38DEE4D, 0xB0FB0E4E,
    ]  # fmt: skip
    padded = message + b"\x80" + bytes((55 - len(message)) % 64) + (len(message) * 8).to_bytes(8, "big")
    for start in range(0, len(padded), 64):
        state = [
            one ^ other
            for one, other in zip(state, _compress(state, padded[start : start + 64]), strict=True)
        ]
    return b"".join(word.to_bytes(4, "big") for word in state)


def _compress(state: list[int], block: bytes) -> list[int]:
    w = [int.from_bytes(block[at : at + 4], "big") for at in range(0, 64, 4)]
    for j in range(16, 68):
        mixed = w[j - 16] ^ w[j - 9] ^ _turn(w[j - 3], 15)
        w.append(mixed ^ _turn(mixed, 15) ^ _turn(mixed, 23) ^ _turn(w[j - 13], 7) ^ w[j - 6])
    a, b, c, d, e, f, g, h = state
    for j in range(64):
        constant = 0x79CC4519 if j < 16 else 0x7A879D8A
        ss1 = _turn((_turn(a, 12) + e + _turn(constant, j)) & MASK, 7)
        ss2 = ss1 ^ _turn(a, 12)
        ff = a ^ b ^ c if j < 16 else (a & b) | (a & c) | (b & c)
        gg = e ^ f ^ g if j < 16 else (e & f) | (~e & MASK & g)
        tt1 = (ff + d + ss2 + (w[j] ^ w[j + 4])) & MASK
        tt2 = (gg + h + ss1 + w[j]) & MASK
        a, b, c, d = tt1, a, _turn(b, 9), c
        e, f, g, h = tt2 ^ _turn(tt2, 9) ^ _turn(tt2, 17), e, _turn(f, 19), g
    return [a, b, c, d, e, f, g, h]


# --- SM4 and GCM ---


def _box_multiply(one: int, other: int) -> int:
    product = 0
    while other:
        if other & 1:
            product ^= one
        one = (one << 1) ^ (0x1F5 if one & 0x80 else 0)
        other >>= 1
    return product & 0xFF


def _box_affine(value: int) -> int:
    out = 0
    for bit in range(8):
        row = ((0xA7 << bit) | (0xA7 >> (8 - bit))) & 0xFF
        out |= ((row & value).bit_count() & 1) << bit
    return out ^ 0xD3


def _box() -> bytes:
    """The S-box from its algebra: affine, inverse in GF(2^8) modulo 0x1F5, affine."""
    inverse = [0] * 256
    for value in range(1, 256):
        power = 1
        for _ in range(254):
            power = _box_multiply(power, value)
        inverse[value] = power
    return bytes(_box_affine(inverse[_box_affine(value)]) for value in range(256))


BOX = _box()


def _substitute(word: int) -> int:
    return int.from_bytes(bytes(BOX[byte] for byte in word.to_bytes(4, "big")), "big")


def _schedule(key: bytes) -> list[int]:
    family = (0xA3B1BAC6, 0x56AA3350, 0x677D9197, 0xB27022DC)
    k = [int.from_bytes(key[4 * at : 4 * at + 4], "big") ^ family[at] for at in range(4)]
    for i in range(32):
        constant = int.from_bytes(bytes((4 * i + j) * 7 % 256 for j in range(4)), "big")
        mixed = _substitute(k[i + 1] ^ k[i + 2] ^ k[i + 3] ^ constant)
        k.append(k[i] ^ mixed ^ _turn(mixed, 13) ^ _turn(mixed, 23))
    return k[4:]


def _block(schedule: list[int], block: bytes) -> bytes:
    x = [int.from_bytes(block[at : at + 4], "big") for at in range(0, 16, 4)]
    for round_key in schedule:
        mixed = _substitute(x[1] ^ x[2] ^ x[3] ^ round_key)
        new = x[0] ^ mixed ^ _turn(mixed, 2) ^ _turn(mixed, 10) ^ _turn(mixed, 18) ^ _turn(mixed, 24)
        x = [*x[1:], new]
    return b"".join(word.to_bytes(4, "big") for word in reversed(x))


def sm4_block(key: bytes, block: bytes) -> bytes:
    return _block(_schedule(key), block)


def sm4_ctr(key: bytes, counter: bytes, data: bytes) -> bytes:
    """Counter mode over all 128 bits."""
    schedule, start = _schedule(key), int.from_bytes(counter, "big")
    out = bytearray()
    for at in range(0, len(data), 16):
        stream = _block(schedule, ((start + at // 16) % 2**128).to_bytes(16, "big"))
        out += bytes(one ^ other for one, other in zip(data[at : at + 16], stream, strict=False))
    return bytes(out)


def _field_multiply(one: int, other: int) -> int:
    product = 0
    for bit in range(127, -1, -1):
        if other >> bit & 1:
            product ^= one
        one = (one >> 1) ^ (0xE1 << 120 if one & 1 else 0)
    return product


def sm4_gcm(key: bytes, nonce: bytes, data: bytes, associated: bytes = b"") -> bytes:
    """Ciphertext and 16-byte tag; a nonce of 12 bytes."""
    schedule = _schedule(key)
    subkey = int.from_bytes(_block(schedule, bytes(16)), "big")
    first = nonce + b"\0\0\0\1"
    ciphertext = sm4_ctr(key, nonce + b"\0\0\0\2", data)
    hashed = 0
    padded = associated + bytes(-len(associated) % 16) + ciphertext + bytes(-len(ciphertext) % 16)
    padded += (len(associated) * 8).to_bytes(8, "big") + (len(ciphertext) * 8).to_bytes(8, "big")
    for at in range(0, len(padded), 16):
        hashed = _field_multiply(hashed ^ int.from_bytes(padded[at : at + 16], "big"), subkey)
    tag = hashed ^ int.from_bytes(_block(schedule, first), "big")
    return ciphertext + tag.to_bytes(16, "big")


# --- SM2 ---


def add(one: Point, other: Point) -> Point:
    if one is None:
        return other
    if other is None:
        return one
    if one[0] == other[0] and (one[1] + other[1]) % P == 0:
        return None
    if one == other:
        slope = (3 * one[0] * one[0] + A) * pow(2 * one[1], -1, P) % P
    else:
        slope = (other[1] - one[1]) * pow(other[0] - one[0], -1, P) % P
    x = (slope * slope - one[0] - other[0]) % P
    return x, (slope * (one[0] - x) - one[1]) % P


def multiply(scalar: int, point: Point) -> Point:
    found: Point = None
    for bit in f"{scalar:b}":
        found = add(found, found)
        if bit == "1":
            found = add(found, point)
    return found


def _bytes(number: int) -> bytes:
    return number.to_bytes(32, "big")


@dataclass(frozen=True)
class Signature:
    r: int
    s: int


def affine(scalar: int) -> tuple[int, int]:
    found = multiply(scalar, G)
    assert found is not None
    return found


def digest(public: tuple[int, int], message: bytes, identity: bytes = b"1234567812345678") -> bytes:
    z = sm3(
        (len(identity) * 8).to_bytes(2, "big")
        + identity
        + b"".join(_bytes(one) for one in (A, B, *G, *public))
    )
    return sm3(z + message)


def sign(scalar: int, e: bytes, nonce: int) -> Signature:
    r = (int.from_bytes(e, "big") + affine(nonce)[0]) % N
    return Signature(r, pow(1 + scalar, -1, N) * (nonce - r * scalar) % N)


def verify(public: tuple[int, int], e: bytes, signature: Signature) -> bool:
    r, s = signature.r, signature.s
    if not (1 <= r < N and 1 <= s < N) or (r + s) % N == 0:
        return False
    found = add(multiply(s, G), multiply((r + s) % N, public))
    return found is not None and (int.from_bytes(e, "big") + found[0]) % N == r


def _stream(x: int, y: int, length: int) -> bytes:
    blocks = (sm3(_bytes(x) + _bytes(y) + at.to_bytes(4, "big")) for at in range(1, length // 32 + 2))
    return b"".join(blocks)[:length]


def encrypt(public: tuple[int, int], message: bytes, nonce: int) -> tuple[tuple[int, int], bytes, bytes]:
    """C1, C3, C2."""
    shared = multiply(nonce, public)
    assert shared is not None
    stream = _stream(*shared, len(message))
    c2 = bytes(one ^ other for one, other in zip(message, stream, strict=True))
    return affine(nonce), sm3(_bytes(shared[0]) + message + _bytes(shared[1])), c2


def decrypt(scalar: int, c1: tuple[int, int], c3: bytes, c2: bytes) -> bytes | None:
    shared = multiply(scalar, c1)
    assert shared is not None
    stream = _stream(*shared, len(c2))
    message = bytes(one ^ other for one, other in zip(c2, stream, strict=True))
    return message if sm3(_bytes(shared[0]) + message + _bytes(shared[1])) == c3 else None


# --- DER, as far as SM2 needs it ---


def der(tag: int, content: bytes) -> bytes:
    length = len(content)
    size = b"" if length < 128 else length.to_bytes((length.bit_length() + 7) // 8, "big")
    return bytes([tag, length if length < 128 else 0x80 | len(size)]) + size + content


def der_integer(number: int) -> bytes:
    return der(2, number.to_bytes(number.bit_length() // 8 + 1, "big"))


def der_signature(signature: Signature) -> bytes:
    return der(0x30, der_integer(signature.r) + der_integer(signature.s))


def der_ciphertext(c1: tuple[int, int], c3: bytes, c2: bytes) -> bytes:
    return der(0x30, der_integer(c1[0]) + der_integer(c1[1]) + der(4, c3) + der(4, c2))


def der_parts(raw: bytes) -> list[bytes]:
    """The contents of the elements of one sequence."""
    content, rest = _der_first(raw)
    assert not rest
    parts = []
    while content:
        part, content = _der_first(content)
        parts.append(part)
    return parts


def _der_first(raw: bytes) -> tuple[bytes, bytes]:
    if raw[1] < 128:
        start, length = 2, raw[1]
    else:
        start = 2 + (raw[1] & 0x7F)
        length = int.from_bytes(raw[2:start], "big")
    return raw[start : start + length], raw[start + length :]
