package org.tfckpt;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Names and paths cross as the bytes that they are. */
class NamesTest {
    @TempDir
    Path directory;

    /** In the modified UTF-8 of the JVM these would be other bytes: a NUL, and pairs of surrogates. */
    private static final List<String> STRANGE = List.of("a\0b", "\uD83D\uDE00", "\u00E4/\u4E2D", "\uFFFD", " ", "?");

    @Test
    void namesAreRealUtf8() {
        Path path = Samples.write(directory.resolve("ckpt"), writer -> {
            for (String name : STRANGE) {
                writer.addStrings(name, Shape.of(1), List.of(name));
            }
        });
        try (Reader reader = Reader.open(path)) {
            List<String> found = new ArrayList<>();
            for (Tensor tensor : reader) {
                found.add(tensor.name());
                assertArrayEquals(tensor.name().getBytes(StandardCharsets.UTF_8), tensor.nameBytes());
                assertEquals(List.of(tensor.name()), tensor.readStrings());
                assertEquals(tensor.name(), reader.resolve(tensor.name()).name());
            }
            assertTrue(found.containsAll(STRANGE) && found.size() == STRANGE.size());
            TfckptException e = Expect.fails(Status.NOT_FOUND, () -> reader.get("no\0\uD83D\uDE00"));
            assertEquals("no\0\uD83D\uDE00", e.tensor().orElseThrow());
            assertEquals(0, e.shard().orElse(0));
            assertTrue(e.offset().isEmpty());
        }
    }

    @Test
    void namesThatAreNotUtf8HaveAByteForm() {
        byte[] name = {'x', (byte) 0xff, (byte) 0xed, (byte) 0xa0, (byte) 0x80};
        Path path = Samples.write(
                directory.resolve("ckpt"),
                writer -> writer.add(TensorSpec.of(name, DType.INT32, Shape.scalar()), new int[] {7}));
        try (Reader reader = Reader.open(path)) {
            Tensor tensor = reader.find(name).orElseThrow();
            assertArrayEquals(name, tensor.nameBytes());
            assertArrayEquals(new int[] {7}, tensor.readInts());
            assertTrue(tensor.name().contains("\uFFFD"));
            assertTrue(reader.find(tensor.name()).isEmpty());
            byte[] other = {(byte) 0xff};
            assertArrayEquals(
                    other,
                    Expect.fails(Status.NOT_FOUND, () -> reader.get(other)).tensorBytes().orElseThrow());
        }
    }

    @Test
    void halfAPairIsNoName() {
        try (Reader reader = Reader.open(Samples.sample(directory))) {
            assertThrows(IllegalArgumentException.class, () -> reader.find("\uD83D"));
            assertThrows(IllegalArgumentException.class, () -> TensorSpec.of("\uDE00x", DType.INT8, Shape.scalar()));
        }
    }

    @Test
    void elementsThatAreNotUtf8() {
        byte[][] elements = {{'a'}, {}, {(byte) 0xc0, (byte) 0x80}};
        Path path = Samples.write(
                directory.resolve("ckpt"),
                writer -> writer.addStrings(TensorSpec.of("s", DType.STRING, Shape.of(3)), elements));
        try (Reader reader = Reader.open(path)) {
            Tensor tensor = reader.get("s");
            assertArrayEquals(elements, tensor.readStringBytes());
            TfckptException e = Expect.fails(Status.INVALID_ARGUMENT, tensor::readStrings);
            assertTrue(e.getMessage().contains("element 2"), e.getMessage());
            assertEquals("s", e.tensor().orElseThrow());
            assertEquals(List.of("a", ""), tensor.readStrings(Slice.parse("0,2")));
        }
    }

    @Test
    void manyAndLargeStrings() {
        byte[][] elements = new byte[150_000][];
        for (int i = 0; i < elements.length; i++) {
            elements[i] = new byte[i % 50_000 == 7 ? 5_000_000 : i % 5];
            Arrays.fill(elements[i], (byte) i);
        }
        Path path = Samples.write(
                directory.resolve("ckpt"),
                writer -> writer.addStrings(TensorSpec.of("s", DType.STRING, Shape.of(elements.length)), elements));
        try (Reader reader = Reader.open(path)) {
            assertArrayEquals(elements, reader.get("s").readStringBytes());
        }
    }

    @Test
    void pathsOfAnyBytes() throws Exception {
        Path odd = Path.of(URI.create(directory.toUri() + "caf%E9%20%C3%A4"));
        Files.createDirectory(odd);
        Path path = Samples.sample(odd);
        assertTrue(Files.exists(Path.of(URI.create(odd.toUri() + "sample.index"))));
        try (Reader reader = Reader.open(path)) {
            assertEquals(path, reader.prefix());
            assertEquals(List.of(), Checkpoint.verify(odd).problems());
        }
        TfckptException e = Expect.fails(Status.NOT_FOUND, () -> Reader.open(odd.resolve("none")));
        assertTrue(e.file().orElseThrow().startsWith(odd), e.getMessage());
        Checkpoint.merge(odd.resolve("merged"), List.of(path));
        assertTrue(Checkpoint.verify(odd.resolve("merged")).isOk());
    }

    @Test
    void relativePathsStayRelative() {
        Path here = Path.of("").toAbsolutePath();
        Path relative = here.relativize(Samples.sample(directory));
        try (Reader reader = Reader.open(relative)) {
            assertEquals(relative, reader.prefix());
        }
    }
}
