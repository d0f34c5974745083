package org.tfckpt;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every damaged checkpoint is an exception with its status and its place. */
class HostileTest {
    static List<Manifest.HostileCase> hostile() {
        return Manifest.hostile();
    }

    @Test
    void thereAreManyCases() {
        assertTrue(hostile().size() >= 100);
    }

    @ParameterizedTest
    @MethodSource("hostile")
    void refuses(Manifest.HostileCase bad) {
        Path path = Manifest.data("hostile", bad.prefix);
        if (bad.kind.equals("state")) {
            expectState(bad, path);
            return;
        }
        Reader[] opened = new Reader[1];
        TfckptException refused = Expect.outcome(() -> opened[0] = Reader.open(path));
        expect(bad, bad.open, refused);
        if (refused != null) {
            // Then it is also what is found when all of it is verified.
            expect(bad, bad.verify, refused);
            return;
        }
        try (Reader reader = opened[0]) {
            expectList(bad, reader);
            for (Manifest.HostileTensor row : bad.tensors) {
                expectTensor(bad, reader, row);
            }
            expectReport(bad, reader);
        }
    }

    /** Holds the outcome of an act against the verdict on it. */
    private static void expect(Manifest.HostileCase bad, String verdict, TfckptException outcome) {
        assertTrue(Manifest.allows(verdict, Expect.statusOf(outcome)), () -> outcome + " is not " + verdict);
        if (outcome != null) {
            Path file = outcome.file().orElseThrow(() -> new AssertionError("no file", outcome));
            String relative = Manifest.data("hostile").relativize(file).toString();
            assertTrue(Manifest.allows(bad.files, relative), () -> outcome + " is about " + relative);
        }
    }

    private static void expectList(Manifest.HostileCase bad, Reader reader) {
        boolean failed = false;
        Iterator<Tensor> all = reader.iterator();
        while (all.hasNext()) {
            TfckptException damage = Expect.outcome(() -> assertNotEquals("", all.next().name()));
            failed |= damage != null;
            if (damage != null) {
                expect(bad, bad.list, damage);
            }
        }
        if (!failed) {
            expect(bad, bad.list, null);
        }
    }

    private static void expectTensor(Manifest.HostileCase bad, Reader reader, Manifest.HostileTensor row) {
        Tensor[] found = new Tensor[1];
        TfckptException info = Expect.outcome(() -> found[0] = reader.get(row.name));
        expect(bad, row.info, info);
        if (info != null) {
            expect(bad, row.read, info);
            assertArrayEquals(row.name, info.tensorBytes().orElseThrow());
            return;
        }
        Tensor tensor = found[0];
        String[] sum = new String[1];
        TfckptException read = Expect.outcome(() -> sum[0] = GoldenTest.contentOf(tensor, Slice.all()));
        expect(bad, row.read, read);
        if (read != null) {
            assertArrayEquals(row.name, read.tensorBytes().orElseThrow());
        } else if (!row.sha256.equals("-")) {
            assertEquals(row.sha256, sum[0]);
        }
        if (!tensor.dtype().hasStrings()) {
            expectOtherWays(reader, tensor, read);
        }
    }

    /** Reads a tensor in the other ways that there are, with the same outcome. */
    private static void expectOtherWays(Reader reader, Tensor tensor, TfckptException read) {
        String wanted = Expect.statusOf(read);
        assertEquals(wanted, Expect.statusOf(Expect.outcome(tensor::checked)));
        long[] size = new long[1];
        TfckptException unknown = Expect.outcome(() -> size[0] = tensor.readSize());
        if (unknown != null) {
            assertEquals(wanted, Expect.statusOf(unknown));
            return;
        }
        for (ByteBuffer dst : List.of(ByteBuffer.allocate((int) size[0]), ByteBuffer.allocateDirect((int) size[0]))) {
            assertEquals(wanted, Expect.statusOf(Expect.outcome(() -> tensor.read(dst.duplicate()))));
            assertEquals(
                    wanted,
                    Expect.statusOf(Expect.outcome(() -> reader.readMany(List.of(ReadRequest.of(tensor, dst))))));
        }
        if (read != null) {
            assertTrue(Expect.outcome(() -> tensor.view().close()) != null);
        }
    }

    /** The report has the right problems, and names all tensors that can't be read. */
    private static void expectReport(Manifest.HostileCase bad, Reader reader) {
        Report report = Checkpoint.verify(reader.prefix());
        if (report.isOk()) {
            expect(bad, bad.verify, null);
        }
        report.problems().forEach(problem -> expect(bad, bad.verify, problem));
        // Nobody knows which names a damaged part of the index had.
        if (!Manifest.allows(bad.list, "OK")) {
            return;
        }
        for (Manifest.HostileTensor row : bad.tensors) {
            boolean named = report.problems().stream()
                    .anyMatch(problem -> problem.tensorBytes()
                            .filter(name -> Arrays.equals(name, row.name))
                            .isPresent());
            assertTrue(named || Manifest.allows(row.read, "OK"), () -> "nothing about " + Utf8.show(row.name));
        }
    }

    /** For a state file that leads nowhere. */
    private static void expectState(Manifest.HostileCase bad, Path file) {
        for (Path path : List.of(file, file.getParent())) {
            TfckptException opened = Expect.outcome(() -> Reader.open(path).close());
            assertTrue(Manifest.allows(bad.list, Expect.statusOf(opened)), () -> String.valueOf(opened));
        }
        TfckptException latest = Expect.outcome(() -> Checkpoint.latest(file.getParent()));
        assertTrue(Manifest.allows(bad.list, Expect.statusOf(latest)), () -> String.valueOf(latest));
    }
}
