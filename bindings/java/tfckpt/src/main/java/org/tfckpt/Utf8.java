package org.tfckpt;

import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** Real UTF-8, never the modified one of the JVM. */
final class Utf8 {
    private Utf8() {}

    /** The bytes of a string that has no half of a surrogate pair alone. */
    static byte[] encode(String text) {
        // What can't be encoded would silently be a question mark.
        return hasSurrogate(text) ? encodeStrictly(text) : text.getBytes(StandardCharsets.UTF_8);
    }

    private static boolean hasSurrogate(String text) {
        for (int i = 0; i < text.length(); i++) {
            if (Character.isSurrogate(text.charAt(i))) {
                return true;
            }
        }
        return false;
    }

    private static byte[] encodeStrictly(String text) {
        try {
            ByteBuffer bytes = StandardCharsets.UTF_8.newEncoder().encode(CharBuffer.wrap(text));
            return Arrays.copyOf(bytes.array(), bytes.limit());
        } catch (CharacterCodingException e) {
            throw new IllegalArgumentException("half of a surrogate pair in a string of UTF-16", e);
        }
    }

    /** The string of bytes; U+FFFD stands for what is not UTF-8. Null for null. */
    static String show(byte[] bytes) {
        return bytes == null ? null : new String(bytes, StandardCharsets.UTF_8);
    }

    /** The string of a range of bytes; null where they are not UTF-8. */
    static String decode(byte[] bytes, int from, int len) {
        String text = new String(bytes, from, len, StandardCharsets.UTF_8);
        if (text.indexOf('\uFFFD') < 0) {
            return text;
        }
        byte[] again = text.getBytes(StandardCharsets.UTF_8);
        return Arrays.equals(again, 0, again.length, bytes, from, from + len) ? text : null;
    }
}
