package org.tfckpt;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.reflect.Array;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every checkpoint that TensorFlow wrote reads as TensorFlow reads it. */
class GoldenTest {
    /** The ways to read into an array, by the kind of it. */
    private static final Map<ArrayKind, Function<Tensor, Object>> ARRAYS = new EnumMap<>(ArrayKind.class);

    static {
        ARRAYS.put(ArrayKind.BYTES, Tensor::readBytes);
        ARRAYS.put(ArrayKind.BOOLEANS, Tensor::readBooleans);
        ARRAYS.put(ArrayKind.SHORTS, Tensor::readShorts);
        ARRAYS.put(ArrayKind.INTS, Tensor::readInts);
        ARRAYS.put(ArrayKind.LONGS, Tensor::readLongs);
        ARRAYS.put(ArrayKind.FLOATS, Tensor::readFloats);
        ARRAYS.put(ArrayKind.DOUBLES, Tensor::readDoubles);
    }

    static List<Manifest.GoldenCheckpoint> golden() {
        return Manifest.golden();
    }

    @Test
    void thereAreManyCases() {
        assertTrue(golden().size() >= 50);
    }

    @ParameterizedTest
    @MethodSource("golden")
    void reads(Manifest.GoldenCheckpoint checkpoint, @TempDir Path directory) {
        try (Reader reader = Reader.open(checkpoint.path());
                Writer again = Writer.builder(directory.resolve("again")).sync(false).create()) {
            expectFacts(reader, checkpoint);
            for (Manifest.GoldenTensor row : checkpoint.tensors) {
                Tensor tensor = reader.get(row.name);
                expectContent(reader, tensor, row, again);
            }
            expectAllAtOnce(reader, checkpoint);
            expectReport(reader, checkpoint);
            again.finish();
            expectSame(again.prefix(), checkpoint);
        }
    }

    private static void expectFacts(Reader reader, Manifest.GoldenCheckpoint checkpoint) {
        assertEquals(checkpoint.path(), reader.prefix());
        assertEquals(checkpoint.format, reader.format());
        assertEquals(checkpoint.shards, reader.numShards());
        assertEquals(checkpoint.bigEndian, reader.isBigEndian());
        assertEquals(checkpoint.tensors.size(), reader.count());
        Iterator<Tensor> listed = reader.iterator();
        for (Manifest.GoldenTensor row : checkpoint.tensors) {
            expectTensor(listed.next(), row);
            expectTensor(reader.find(row.name).orElseThrow(), row);
        }
        assertFalse(listed.hasNext());
        assertEquals(checkpoint.tensors.size(), reader.stream().count());
    }

    private static void expectTensor(Tensor tensor, Manifest.GoldenTensor row) {
        assertArrayEquals(row.name, tensor.nameBytes());
        assertEquals(row.dtype, tensor.dtype());
        assertEquals(row.shape, tensor.shape());
        assertEquals(row.parts(), tensor.slices());
        if (row.crc32c >= 0) { // neither in slices nor V1
            assertEquals(row.shard, tensor.shard());
            assertEquals(row.offset, tensor.offset());
            assertEquals(row.size, tensor.storedSize());
            assertEquals(row.crc32c, Integer.toUnsignedLong(tensor.crc32c()));
        }
    }

    private static void expectContent(Reader reader, Tensor tensor, Manifest.GoldenTensor row, Writer again) {
        if (row.hasGap()) {
            Expect.fails(Status.DATA_LOSS, () -> contentOf(tensor, Slice.all()));
            Expect.fails(Status.DATA_LOSS, tensor::checked);
        } else if (row.dtype.hasStrings()) {
            expectStrings(tensor, row);
            again.addStrings(TensorSpec.of(row.name, row.dtype, row.shape), tensor.readStringBytes());
        } else {
            expectBytes(reader, tensor, row);
            expectArrays(tensor, row);
            add(again, tensor);
        }
        for (Manifest.GoldenSlice slice : row.slices) {
            assertEquals(slice.sha256, contentOf(tensor, slice.slice), () -> row + " " + slice.slice);
        }
    }

    /** Reads a slice, or all, and digests it. */
    static String contentOf(Tensor tensor, Slice slice) {
        return tensor.dtype().hasStrings()
                ? Manifest.digest(tensor.readStringBytes(slice))
                : Manifest.digest(tensor.read(slice));
    }

    private static void expectStrings(Tensor tensor, Manifest.GoldenTensor row) {
        assertEquals(row.sha256, contentOf(tensor, Slice.all()));
        Expect.fails(Status.INVALID_ARGUMENT, tensor::read);
        Expect.fails(Status.INVALID_ARGUMENT, tensor::readBytes);
        Expect.fails(Status.INVALID_ARGUMENT, tensor::readSize);
    }

    /** Holds all ways to the bytes against one another. */
    private static void expectBytes(Reader reader, Tensor tensor, Manifest.GoldenTensor row) {
        ByteBuffer content = tensor.read();
        assertEquals(row.sha256, Manifest.digest(content));
        assertEquals(content.remaining(), tensor.byteSize());
        assertEquals(content.remaining(), tensor.readSize());
        ByteBuffer heap = ByteBuffer.allocate(content.remaining() + 7).position(3);
        heap.limit(heap.capacity() - 1);
        tensor.read(heap);
        assertEquals(heap.position(), content.remaining() + 3);
        assertEquals(content, heap.flip().position(3));
        assertEquals(content, inRanges(tensor, content.remaining()));
        try (View view = tensor.view()) {
            assertEquals(content, view.buffer());
            assertEquals(content.remaining(), view.size());
        } catch (TfckptException e) {
            assertEquals(Status.UNSUPPORTED, e.status());
            assertTrue(reader.isBigEndian() || !row.slices.isEmpty() || reader.format() == Format.V1);
        }
    }

    private static ByteBuffer inRanges(Tensor tensor, int size) {
        Tensor checked = tensor.checked();
        ByteBuffer all = ByteBuffer.allocateDirect(size);
        // Parts that end in the midst of rows, and not too many of them.
        ByteBuffer part = ByteBuffer.allocateDirect(tensor.dtype().size() * 7 + size / 13);
        for (long first = 0; first < tensor.shape().numElements(); ) {
            part.clear();
            first += checked.readRange(first, part);
            all.put(part.flip());
        }
        assertEquals(0, checked.readRange(tensor.shape().numElements(), part.clear()));
        return all.flip();
    }

    private static void expectArrays(Tensor tensor, Manifest.GoldenTensor row) {
        ByteBuffer content = tensor.read();
        ARRAYS.forEach((kind, read) -> {
            if (Expect.outcome(() -> kind.check(row.dtype, row.name)) != null) {
                Expect.fails(Status.INVALID_ARGUMENT, () -> read.apply(tensor));
                return;
            }
            Object values = read.apply(tensor);
            assertEquals(row.shape.numElements(), Array.getLength(values));
            assertEquals(content, bytesOf(values));
        });
    }

    private static ByteBuffer bytesOf(Object values) {
        ByteBuffer bytes = ByteBuffer.allocate(8 * Array.getLength(values)).order(ByteOrder.nativeOrder());
        for (int i = 0; i < Array.getLength(values); i++) {
            if (values instanceof byte[]) {
                bytes.put(((byte[]) values)[i]);
            } else if (values instanceof boolean[]) {
                bytes.put((byte) (((boolean[]) values)[i] ? 1 : 0));
            } else if (values instanceof short[]) {
                bytes.putShort(((short[]) values)[i]);
            } else if (values instanceof int[]) {
                bytes.putInt(((int[]) values)[i]);
            } else if (values instanceof long[]) {
                bytes.putLong(((long[]) values)[i]);
            } else if (values instanceof float[]) {
                // The bits of a NaN are kept in a float[], though not everywhere else.
                bytes.putInt(Float.floatToRawIntBits(((float[]) values)[i]));
            } else {
                bytes.putLong(Double.doubleToRawLongBits(((double[]) values)[i]));
            }
        }
        return bytes.flip();
    }

    /** Writes it with the type that it has, from an array of Java if there is one of that type. */
    private static void add(Writer again, Tensor tensor) {
        TensorSpec spec = TensorSpec.of(tensor.nameBytes(), tensor.dtype(), tensor.shape());
        switch (tensor.dtype()) {
            case FLOAT:
                again.add(spec, tensor.readFloats());
                break;
            case DOUBLE:
                again.add(spec, tensor.readDoubles());
                break;
            case INT32:
            case UINT32:
                again.add(spec, tensor.readInts());
                break;
            case INT64:
            case UINT64:
                again.add(spec, tensor.readLongs());
                break;
            case HALF:
            case INT16:
                again.add(spec, tensor.readShorts());
                break;
            case BOOL:
                again.add(spec, tensor.readBooleans());
                break;
            case INT8:
            case INT4:
                again.add(spec, tensor.readBytes());
                break;
            default:
                again.add(spec, tensor.read());
        }
    }

    /** The values that were read are what TensorFlow had when they were written and read again. */
    private static void expectSame(Path again, Manifest.GoldenCheckpoint checkpoint) {
        try (Reader reader = Reader.builder(again).mapped(true).indexCache(0).maxBlock(1 << 24).open()) {
            for (Manifest.GoldenTensor row : checkpoint.tensors) {
                if (!row.hasGap()) {
                    assertEquals(row.sha256, contentOf(reader.get(row.name), Slice.all()));
                }
            }
        }
    }

    private static void expectAllAtOnce(Reader reader, Manifest.GoldenCheckpoint checkpoint) {
        List<ReadRequest> requests = new ArrayList<>();
        List<ByteBuffer> buffers = new ArrayList<>();
        List<String> sums = new ArrayList<>();
        List<Manifest.GoldenTensor> backwards = new ArrayList<>(checkpoint.tensors);
        Collections.reverse(backwards);
        for (Manifest.GoldenTensor row : backwards) {
            if (row.hasGap() || row.dtype.hasStrings()) {
                continue;
            }
            Tensor tensor = reader.get(row.name);
            int size = (int) tensor.byteSize();
            ByteBuffer dst = requests.size() % 2 == 0 ? ByteBuffer.allocateDirect(size) : ByteBuffer.allocate(size);
            requests.add(ReadRequest.of(tensor, dst));
            buffers.add(dst);
            sums.add(row.sha256);
        }
        reader.readMany(requests, ReadOptions.defaults().threads(2));
        for (int i = 0; i < sums.size(); i++) {
            assertEquals(sums.get(i), Manifest.digest(buffers.get(i)));
        }
    }

    private static void expectReport(Reader reader, Manifest.GoldenCheckpoint checkpoint) {
        long gaps = checkpoint.tensors.stream().filter(Manifest.GoldenTensor::hasGap).count();
        for (Report report : List.of(reader.verify(), Checkpoint.verify(checkpoint.path()))) {
            assertEquals(gaps == 0, report.isOk());
            assertEquals(gaps, report.problems().size());
            assertEquals(checkpoint.tensors.size(), report.tensorCount());
        }
    }
}
