package org.tfckpt;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What exceptions say, and that they survive being sent elsewhere. */
class ErrorTest {
    private static TfckptException made(int status) {
        byte[] file = "/a/b".getBytes(StandardCharsets.UTF_8);
        byte[][] names = {{'n'}};
        return Native.exception(status, new byte[] {'w'}, file, new byte[] {(byte) 0xff}, 3, 1L << 40, names);
    }

    private static void expectWhatWasMade(TfckptException e) {
        assertEquals("w", e.getMessage());
        assertEquals(Path.of("/a/b"), e.file().orElseThrow());
        assertEquals("\uFFFD", e.tensor().orElseThrow());
        assertArrayEquals(new byte[] {(byte) 0xff}, e.tensorBytes().orElseThrow());
        assertEquals(3, e.shard().orElseThrow());
        assertEquals(1L << 40, e.offset().orElseThrow());
        assertEquals(List.of("n"), e.names());
    }

    @Test
    void theyHaveAllThatTheErrorHas() throws Exception {
        TfckptException e = made(4);
        assertEquals(Status.DATA_LOSS, e.status());
        expectWhatWasMade(e);
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (ObjectOutputStream out = new ObjectOutputStream(bytes)) {
            out.writeObject(e);
        }
        try (ObjectInputStream in = new ObjectInputStream(new ByteArrayInputStream(bytes.toByteArray()))) {
            expectWhatWasMade((TfckptException) in.readObject());
        }
    }

    @Test
    void theyMayHaveNothing() {
        TfckptException e = Native.exception(1, new byte[0], null, null, -1, -1, new byte[0][]);
        assertTrue(e.file().isEmpty() && e.tensor().isEmpty() && e.tensorBytes().isEmpty());
        assertTrue(e.shard().isEmpty() && e.offset().isEmpty() && e.names().isEmpty());
    }

    /** Such as a panic, which the library makes one of. */
    @Test
    void defectsAreInternal() {
        assertEquals(Status.INTERNAL, made(99).status());
        assertEquals(Status.INTERNAL, made(12345).status());
        for (Status status : Status.values()) {
            assertEquals(status, Status.of(status.number()));
        }
    }

    /** The native code reports its own trouble as Java does. */
    @Test
    void memoryThatIsNotThereIsAnError() {
        Path path = Manifest.data("golden", Manifest.golden().get(0).prefix);
        try (Reader reader = Reader.open(path)) {
            byte[] name = reader.iterator().next().nameBytes();
            assertThrows(
                    OutOfMemoryError.class,
                    () -> reader.run(r -> Native.readArray(
                            r, name, null, null, new double[0], ArrayKind.DOUBLES.ordinal(), 0, -1)));
        }
    }
}
