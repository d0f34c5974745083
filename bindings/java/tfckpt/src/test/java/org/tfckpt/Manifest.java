package org.tfckpt;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** The manifests of tests/data, which its README describes. */
final class Manifest {
    private static final Path DATA = Path.of(System.getProperty("tfckpt.test.data"));

    private Manifest() {}

    static Path data(String... path) {
        return DATA.resolve(Path.of("", path)).normalize();
    }

    static final class GoldenSlice {
        final Slice slice;
        final String sha256;

        GoldenSlice(Slice slice, String sha256) {
            this.slice = slice;
            this.sha256 = sha256;
        }
    }

    static final class GoldenTensor {
        final byte[] name;
        final DType dtype;
        final Shape shape;
        /** "-" where the slices don't make up the tensor. */
        final String sha256;
        /** -1 for none. */
        final long shard;

        final long offset;
        final long size;
        final long crc32c;
        final List<GoldenSlice> slices = new ArrayList<>();

        GoldenTensor(String[] row) {
            name = unescape(row[1]);
            dtype = DType.of(Integer.parseInt(row[2]));
            shape = shape(row[3]);
            sha256 = row[5];
            shard = number(row[6]);
            offset = number(row[7]);
            size = number(row[8]);
            crc32c = number(row[9]);
        }

        void add(String[] row) {
            // The one of a V1 scalar is written "-" too.
            Slice slice = shape.rank() == 0 ? Slice.of(new long[0], new long[0]) : Slice.parse(row[1]);
            slices.add(new GoldenSlice(slice, row[5]));
        }

        boolean hasGap() {
            return sha256.equals("-");
        }

        /** The slices in which it is stored: the manifest has one of a V1 tensor that is whole, too. */
        List<Slice> parts() {
            List<Slice> parts = new ArrayList<>();
            slices.forEach(golden -> parts.add(golden.slice));
            boolean whole = parts.size() == 1 && parts.get(0).toString().replaceAll("[-:]", "").isEmpty();
            return whole ? List.of() : parts;
        }

        @Override
        public String toString() {
            return Utf8.show(name);
        }
    }

    static final class GoldenCheckpoint {
        final String prefix;
        final Format format;
        final int shards;
        final boolean bigEndian;
        final List<GoldenTensor> tensors = new ArrayList<>();

        GoldenCheckpoint(String[] row) {
            prefix = row[1];
            format = Format.valueOf(row[2]);
            shards = Integer.parseInt(row[3]);
            bigEndian = row[4].equals("BIG");
        }

        Path path() {
            return data("golden", prefix);
        }

        @Override
        public String toString() {
            return prefix;
        }
    }

    static List<GoldenCheckpoint> golden() {
        List<GoldenCheckpoint> all = new ArrayList<>();
        for (String[] row : rows("golden")) {
            if (row[0].equals("checkpoint")) {
                all.add(new GoldenCheckpoint(row));
                continue;
            }
            List<GoldenTensor> tensors = all.get(all.size() - 1).tensors;
            if (row[0].equals("tensor")) {
                tensors.add(new GoldenTensor(row));
            } else {
                tensors.get(tensors.size() - 1).add(row);
            }
        }
        return all;
    }

    static final class HostileTensor {
        final byte[] name;
        final String info;
        final String read;
        final String sha256;

        HostileTensor(String[] row) {
            name = unescape(row[1]);
            info = row[2];
            read = row[3];
            sha256 = row[4];
        }
    }

    static final class HostileCase {
        final String name;
        final String kind;
        final String prefix;
        final String open;
        final String list;
        final String verify;
        final String files;
        final List<HostileTensor> tensors = new ArrayList<>();

        HostileCase(String[] row) {
            name = row[1];
            kind = row[2];
            prefix = row[3];
            open = row[4];
            list = row[5];
            verify = row[6];
            files = row[7];
        }

        @Override
        public String toString() {
            return name;
        }
    }

    static List<HostileCase> hostile() {
        List<HostileCase> all = new ArrayList<>();
        for (String[] row : rows("hostile")) {
            if (row[0].equals("case")) {
                all.add(new HostileCase(row));
            } else {
                all.get(all.size() - 1).tensors.add(new HostileTensor(row));
            }
        }
        return all;
    }

    /** Whether a word is among those that a column allows. */
    static boolean allows(String column, String word) {
        return Arrays.asList(column.split("\\|")).contains(word);
    }

    private static List<String[]> rows(String folder) {
        List<String[]> rows = new ArrayList<>();
        try {
            for (String line : Files.readAllLines(data(folder, "manifest.tsv"))) {
                rows.add(line.split("\t", -1));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return rows;
    }

    private static byte[] unescape(String text) {
        ByteArrayOutputStream name = new ByteArrayOutputStream();
        for (int i = 0; i < text.length(); i++) {
            if (text.charAt(i) == '\\') {
                name.write(Integer.parseInt(text.substring(i + 2, i + 4), 16));
                i += 3;
            } else {
                name.write(text.charAt(i));
            }
        }
        return name.toByteArray();
    }

    private static long number(String column) {
        return column.equals("-") ? -1 : Long.parseLong(column);
    }

    private static Shape shape(String column) {
        String dims = column.substring(1, column.length() - 1);
        return dims.isEmpty()
                ? Shape.scalar()
                : Shape.of(Arrays.stream(dims.split(",")).mapToLong(Long::parseLong).toArray());
    }

    /** The SHA-256 of the content of a tensor, as the README of the data defines it. */
    static String digest(ByteBuffer content) {
        MessageDigest digest = sha256();
        digest.update(content.duplicate());
        return hex(digest);
    }

    static String digest(byte[][] elements) {
        MessageDigest digest = sha256();
        for (byte[] element : elements) {
            ByteBuffer length = ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN);
            digest.update(length.putLong(0, element.length));
            digest.update(element);
        }
        return hex(digest);
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError(e);
        }
    }

    private static String hex(MessageDigest digest) {
        StringBuilder text = new StringBuilder();
        for (byte b : digest.digest()) {
            text.append(String.format("%02x", b));
        }
        return text.toString();
    }
}
