package org.tfckpt;

import java.io.ByteArrayOutputStream;
import java.net.URI;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystems;
import java.nio.file.Path;
import java.nio.file.ProviderMismatchException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Paths as the bytes that the operating system knows. The string of a path is not enough: it has
 * lost what is not of the character set of the locale. Its URI has every byte.
 */
final class PathBytes {
    private static final Charset CHARSET = Charset.forName(System.getProperty("sun.jnu.encoding", "UTF-8"));

    private PathBytes() {}

    static byte[] encode(Path path) {
        if (path.getFileSystem() != FileSystems.getDefault()) {
            throw new ProviderMismatchException("not a path of the file system: " + path);
        }
        String text = path.toString();
        byte[] bytes = text.getBytes(CHARSET);
        return isWhole(text, bytes) ? bytes : ofUri(path);
    }

    /** Whether neither the path has lost anything when it became a string, nor that now. */
    private static boolean isWhole(String text, byte[] bytes) {
        return text.indexOf('\uFFFD') < 0 && new String(bytes, CHARSET).equals(text);
    }

    private static byte[] ofUri(Path path) {
        byte[] raw = path.toAbsolutePath().toUri().getRawPath().getBytes(StandardCharsets.US_ASCII);
        ByteArrayOutputStream bytes = new ByteArrayOutputStream(raw.length);
        for (int i = 0; i < raw.length; i++) {
            if (raw[i] == '%') {
                bytes.write(Integer.parseInt(new String(raw, i + 1, 2, StandardCharsets.US_ASCII), 16));
                i += 2;
            } else {
                bytes.write(raw[i]);
            }
        }
        return withoutLastSlash(bytes.toByteArray());
    }

    /** The URI of a directory ends with one, the path does not. */
    private static byte[] withoutLastSlash(byte[] bytes) {
        int last = bytes.length - 1;
        return last > 0 && bytes[last] == '/' ? Arrays.copyOf(bytes, last) : bytes;
    }

    static byte[][] encodeAll(Iterable<Path> paths) {
        List<byte[]> all = new ArrayList<>();
        paths.forEach(path -> all.add(encode(path)));
        return all.toArray(new byte[0][]);
    }

    static Path decode(byte[] bytes) {
        String text = new String(bytes, CHARSET);
        if (Arrays.equals(text.getBytes(CHARSET), bytes) || bytes.length == 0 || bytes[0] != '/') {
            return Path.of(text);
        }
        return Path.of(URI.create("file://" + escape(bytes)));
    }

    /** The same, or null where no path can be made of it. */
    static Path decodeIfPossible(byte[] bytes) {
        try {
            return bytes == null ? null : decode(bytes);
        } catch (IllegalArgumentException e) {
            return null;
        }
    }

    private static String escape(byte[] bytes) {
        StringBuilder text = new StringBuilder();
        for (byte b : bytes) {
            text.append(b == '/' ? "/" : String.format("%%%02X", b & 0xff));
        }
        return text.toString();
    }
}
