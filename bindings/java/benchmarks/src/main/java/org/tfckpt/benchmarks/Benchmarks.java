package org.tfckpt.benchmarks;

import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;
import org.tfckpt.ReadRequest;
import org.tfckpt.Reader;
import org.tfckpt.Tensor;

/**
 * The same work on each side, from opening the checkpoint to the last value: {@code case_side}.
 */
@BenchmarkMode(Mode.SingleShotTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Warmup(iterations = 4)
public class Benchmarks {
    /** Tensors that are read one after the other, into the same memory. */
    public abstract static class OneByOne {
        private final int count;
        private final int floats;
        private Path path;
        private String[] names;
        private ByteBuffer dst;

        OneByOne(int count, int floats) {
            this.count = Files.scaled(count);
            this.floats = floats;
        }

        @Setup(Level.Trial)
        public void setUp() {
            path = Files.write(count, floats);
            names = Files.names(count);
            dst = Files.memory(4 * floats);
        }

        void java() {
            try (Reader reader = Reader.open(path)) {
                for (String name : names) {
                    reader.get(name).read(dst.clear());
                }
            }
        }

        void c() {
            Files.check(InC.read(path.toString(), count, dst));
        }

        void tensorFlow() {
            Files.check(WithTensorFlow.restore(path.toString(), names) == (long) count * floats);
        }
    }

    @State(Scope.Benchmark)
    public static class Large extends OneByOne {
        public Large() {
            super(16, 16 << 20);
        }
    }

    @State(Scope.Benchmark)
    public static class Medium extends OneByOne {
        public Medium() {
            super(256, 256 << 10);
        }
    }

    /** Many small ones in one call, each into memory of its own. */
    @State(Scope.Benchmark)
    public static class Small {
        private final int count = Files.scaled(100_000);
        private Path path;
        private String[] names;
        private ByteBuffer dst;
        private final List<ByteBuffer> parts = new ArrayList<>();

        @Setup(Level.Trial)
        public void setUp() {
            path = Files.write(count, 256);
            names = Files.names(count);
            dst = Files.memory(count * 1024);
            for (int i = 0; i < count; i++) {
                parts.add(dst.duplicate().position(i * 1024).limit((i + 1) * 1024).slice());
            }
        }
    }

    @State(Scope.Benchmark)
    public static class Many {
        private final int count = Files.scaled(1_000_000);
        private Path path;

        @Setup(Level.Trial)
        public void setUp() {
            path = Files.write(count, 1);
        }
    }

    @Benchmark
    public void read64MiB_java(Large state) {
        state.java();
    }

    @Benchmark
    public void read64MiB_c(Large state) {
        state.c();
    }

    @Benchmark
    public void read64MiB_tensorflow(Large state) {
        state.tensorFlow();
    }

    @Benchmark
    @Warmup(iterations = 40) // until it is compiled
    public void read1MiB_java(Medium state) {
        state.java();
    }

    @Benchmark
    @Warmup(iterations = 40) // until it is compiled
    public void read1MiB_c(Medium state) {
        state.c();
    }

    @Benchmark
    public void read1MiB_tensorflow(Medium state) {
        state.tensorFlow();
    }

    @Benchmark
    public void readMany1KiB_java(Small state) {
        List<ReadRequest> requests = new ArrayList<>(state.count);
        for (int i = 0; i < state.count; i++) {
            requests.add(ReadRequest.of(state.names[i], state.parts.get(i)));
        }
        try (Reader reader = Reader.open(state.path)) {
            reader.readMany(requests);
        }
    }

    @Benchmark
    public void readMany1KiB_c(Small state) {
        Files.check(InC.readMany(state.path.toString(), state.count, state.dst));
    }

    @Benchmark
    public void readMany1KiB_tensorflow(Small state) {
        Files.check(WithTensorFlow.restore(state.path.toString(), state.names) == state.count * 256L);
    }

    @Benchmark
    public void list_java(Many state) {
        long elements = 0;
        try (Reader reader = Reader.open(state.path)) {
            for (Tensor tensor : reader) {
                elements += tensor.shape().dim(0);
            }
        }
        Files.check(elements == state.count);
    }

    @Benchmark
    public void list_c(Many state) {
        Files.check(InC.list(state.path.toString()) == state.count);
    }
}
