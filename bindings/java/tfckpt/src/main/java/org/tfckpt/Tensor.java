package org.tfckpt;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.ReadOnlyBufferException;
import java.util.List;
import java.util.Objects;
import java.util.function.Function;

/**
 * A tensor of a checkpoint: what it is, and the way to its values, which its {@link Reader} reads.
 *
 * <p>It never changes, and what it is can be asked when its reader is closed too.
 *
 * <p>Values go into arrays of the Java type that has their size and kind: {@code float[]} for {@link
 * DType#FLOAT}, {@code short[]} for 16 bits of any kind, {@code byte[]} for 8. A {@link ByteBuffer}
 * takes all but strings. Into direct buffers it is read without a copy; an array or a heap buffer
 * takes as much native memory again, until the call returns.
 */
public final class Tensor {
    private final Reader reader;
    private final byte[] nameBytes;
    private final String name;
    private final DType dtype;
    private final Shape shape;
    private final Place place;
    private final List<Slice> slices;
    private final ReadOptions options;

    /** Where the bytes of a tensor are; -1 where they are in slices, or it is V1. */
    static final class Place {
        private final int shard;
        private final long offset;
        private final long storedSize;
        private final int crc32c;

        Place(int shard, long offset, long storedSize, int crc32c) {
            this.shard = shard;
            this.offset = offset;
            this.storedSize = storedSize;
            this.crc32c = crc32c;
        }
    }

    Tensor(Reader reader, byte[] name, DType dtype, Shape shape, Place place, List<Slice> slices) {
        this(reader, name, Utf8.show(name), dtype, shape, place, slices, ReadOptions.defaults());
    }

    private Tensor(
            Reader reader,
            byte[] nameBytes,
            String name,
            DType dtype,
            Shape shape,
            Place place,
            List<Slice> slices,
            ReadOptions options) {
        this.reader = reader;
        this.nameBytes = nameBytes;
        this.name = name;
        this.dtype = dtype;
        this.shape = shape;
        this.place = place;
        this.slices = slices;
        this.options = options;
    }

    /**
     * The same tensor, which reads with other options.
     *
     * @param options how its values are to be read
     * @return a tensor with these
     */
    public Tensor with(ReadOptions options) {
        Objects.requireNonNull(options);
        return new Tensor(reader, nameBytes, name, dtype, shape, place, slices, options);
    }

    /**
     * Its name.
     *
     * @return the name; U+FFFD stands for what is not UTF-8 in it
     */
    public String name() {
        return name;
    }

    /**
     * The bytes of its name.
     *
     * @return a copy of them
     */
    public byte[] nameBytes() {
        return nameBytes.clone();
    }

    /**
     * The type of its elements.
     *
     * @return the type
     */
    public DType dtype() {
        return dtype;
    }

    /**
     * Its dimensions.
     *
     * @return the shape
     */
    public Shape shape() {
        return shape;
    }

    /**
     * How many bytes its elements take in memory, by what the checkpoint says. Ask {@link
     * #readSize()} before you take memory for a checkpoint that you don't trust.
     *
     * @return the bytes; -1 where elements have no fixed size
     * @throws ArithmeticException where it is no long
     */
    public long byteSize() {
        return dtype.size() == 0 ? -1 : Math.multiplyExact(shape.numElements(), dtype.size());
    }

    /**
     * The data shard that has its bytes, counted from 0.
     *
     * @return the shard; -1 for a tensor stored as slices, and in V1
     */
    public int shard() {
        return place.shard;
    }

    /**
     * Where in that shard its bytes begin.
     *
     * @return the offset; -1 for a tensor stored as slices, and in V1
     */
    public long offset() {
        return place.offset;
    }

    /**
     * How many bytes it has there.
     *
     * @return the size; -1 for a tensor stored as slices, and in V1
     */
    public long storedSize() {
        return place.storedSize;
    }

    /**
     * The masked CRC-32C of its bytes there.
     *
     * @return 32 bits without a sign; 0 for a tensor stored as slices, and in V1
     */
    public int crc32c() {
        return place.crc32c;
    }

    /**
     * The slices in which it is stored.
     *
     * @return the slices; none for a tensor that is stored whole
     */
    public List<Slice> slices() {
        return slices;
    }

    /**
     * How many bytes its values take. The files have as many.
     *
     * @return the bytes that a buffer must have
     * @throws TfckptException as reading it would
     */
    public long readSize() {
        return readSize(Slice.all());
    }

    /**
     * How many bytes a slice of it takes. The files have as many.
     *
     * @param slice which part
     * @return the bytes that a buffer must have
     * @throws TfckptException as reading it would
     */
    public long readSize(Slice slice) {
        return reader.withLong(r -> Native.readSize(r, nameBytes, slice.raw()));
    }

    /**
     * Reads all that is stored of it, checks it, and keeps nothing of it.
     *
     * @return the same tensor, which reads without a check: for reading it in parts
     * @throws TfckptException as {@link #read()} would, and so for strings and variants
     */
    public Tensor checked() {
        reader.run(r -> Native.check(r, nameBytes));
        return with(options.verify(false));
    }

    /**
     * Reads it into a new direct buffer.
     *
     * @return its values, in native order, from position 0 to the limit
     * @throws TfckptException for strings and variants; where it is damaged, or more than a buffer
     *     can hold
     */
    public ByteBuffer read() {
        return read(Slice.all());
    }

    /**
     * Reads a slice of it into a new direct buffer.
     *
     * @param slice which part
     * @return its values, in native order, from position 0 to the limit
     * @throws TfckptException as {@link #read()}; where the slice reaches outside
     */
    public ByteBuffer read(Slice slice) {
        int size = arraySize(readSize(slice), 1);
        ByteBuffer buffer = ByteBuffer.allocateDirect(size).order(ByteOrder.nativeOrder());
        read(buffer, slice);
        return buffer.flip();
    }

    /**
     * Reads it to the position of a buffer, which is then behind it.
     *
     * @param dst has room for it up to its limit
     * @throws TfckptException for strings and variants; where it is damaged, or the buffer too small;
     *     what is in the buffer is not defined then
     * @throws ReadOnlyBufferException where it is
     */
    public void read(ByteBuffer dst) {
        read(dst, Slice.all());
    }

    /**
     * Reads a slice of it to the position of a buffer, which is then behind it.
     *
     * @param dst has room for it up to its limit
     * @param slice which part
     * @throws TfckptException as {@link #read(ByteBuffer)}; where the slice reaches outside
     * @throws ReadOnlyBufferException where it is
     */
    public void read(ByteBuffer dst, Slice slice) {
        if (dst.isReadOnly()) {
            throw new ReadOnlyBufferException();
        }
        int position = dst.position();
        int size;
        if (dst.isDirect()) {
            int room = dst.remaining();
            call((r, how) -> Native.readDirect(r, nameBytes, slice.raw(), how, dst, position, room));
            size = (int) (slice.numElements(shape) * dtype.size()); // which was there, and fitted
        } else {
            size = sizeWithin(dst.remaining(), readSize(slice));
            readArray(dst.array(), ArrayKind.BYTES, dst.arrayOffset() + position, size, slice);
        }
        dst.position(position + size);
    }

    private int sizeWithin(int room, long size) {
        if (size > room) {
            throw new TfckptException(
                    Status.BUFFER_TOO_SMALL,
                    "tensor \"" + name + "\" takes " + size + " bytes, and there is room for " + room,
                    nameBytes);
        }
        return (int) size;
    }

    /**
     * Reads elements from one of them on, in C order, to the position of a buffer: as many as remain
     * in it, or as the tensor has. That is how tensors are read that are larger than a buffer can be;
     * read from {@link #checked()}, or every part will check the whole of it.
     *
     * @param first the first element, counted from 0
     * @param dst its position is then behind what was read
     * @return how many elements were read; 0 where there are none from there on, or no room for one
     * @throws TfckptException as {@link #read(ByteBuffer)}
     */
    public long readRange(long first, ByteBuffer dst) {
        if (first < 0) {
            throw new IllegalArgumentException("element " + first);
        }
        int size = Math.max(dtype.size(), 1);
        long count = Math.min(shape.numElements() - first, dst.remaining() / size);
        Ranges.split(shape, first, count, slice -> read(dst, slice));
        return Math.max(count, 0);
    }

    /**
     * Reads it into a new array.
     *
     * @return its values
     * @throws TfckptException where it is of another type, damaged, or more than an array can hold
     */
    public float[] readFloats() {
        return readFloats(Slice.all());
    }

    /**
     * Reads a slice of it into a new array.
     *
     * @param slice which part
     * @return its values
     * @throws TfckptException as {@link #readFloats()}; where the slice reaches outside
     */
    public float[] readFloats(Slice slice) {
        float[] values = new float[count(ArrayKind.FLOATS, slice)];
        readArray(values, ArrayKind.FLOATS, 0, values.length, slice);
        return values;
    }

    /**
     * Reads a slice of it into an array.
     *
     * @param dst where it goes
     * @param offset at which index it begins there
     * @param slice which part
     * @return how many elements it has
     * @throws TfckptException as {@link #readFloats(Slice)}; where the array is too small
     */
    public int read(float[] dst, int offset, Slice slice) {
        return readInto(dst, dst.length, ArrayKind.FLOATS, offset, slice);
    }

    /**
     * Reads it into a new array.
     *
     * @return its values
     * @throws TfckptException where it is of another type, damaged, or more than an array can hold
     */
    public double[] readDoubles() {
        return readDoubles(Slice.all());
    }

    /**
     * Reads a slice of it into a new array.
     *
     * @param slice which part
     * @return its values
     * @throws TfckptException as {@link #readDoubles()}; where the slice reaches outside
     */
    public double[] readDoubles(Slice slice) {
        double[] values = new double[count(ArrayKind.DOUBLES, slice)];
        readArray(values, ArrayKind.DOUBLES, 0, values.length, slice);
        return values;
    }

    /**
     * Reads a slice of it into an array.
     *
     * @param dst where it goes
     * @param offset at which index it begins there
     * @param slice which part
     * @return how many elements it has
     * @throws TfckptException as {@link #readDoubles(Slice)}; where the array is too small
     */
    public int read(double[] dst, int offset, Slice slice) {
        return readInto(dst, dst.length, ArrayKind.DOUBLES, offset, slice);
    }

    /**
     * Reads it into a new array.
     *
     * @return its values
     * @throws TfckptException where it is of another type, damaged, or more than an array can hold
     */
    public int[] readInts() {
        return readInts(Slice.all());
    }

    /**
     * Reads a slice of it into a new array.
     *
     * @param slice which part
     * @return its values
     * @throws TfckptException as {@link #readInts()}; where the slice reaches outside
     */
    public int[] readInts(Slice slice) {
        int[] values = new int[count(ArrayKind.INTS, slice)];
        readArray(values, ArrayKind.INTS, 0, values.length, slice);
        return values;
    }

    /**
     * Reads a slice of it into an array.
     *
     * @param dst where it goes
     * @param offset at which index it begins there
     * @param slice which part
     * @return how many elements it has
     * @throws TfckptException as {@link #readInts(Slice)}; where the array is too small
     */
    public int read(int[] dst, int offset, Slice slice) {
        return readInto(dst, dst.length, ArrayKind.INTS, offset, slice);
    }

    /**
     * Reads it into a new array.
     *
     * @return its values
     * @throws TfckptException where it is of another type, damaged, or more than an array can hold
     */
    public long[] readLongs() {
        return readLongs(Slice.all());
    }

    /**
     * Reads a slice of it into a new array.
     *
     * @param slice which part
     * @return its values
     * @throws TfckptException as {@link #readLongs()}; where the slice reaches outside
     */
    public long[] readLongs(Slice slice) {
        long[] values = new long[count(ArrayKind.LONGS, slice)];
        readArray(values, ArrayKind.LONGS, 0, values.length, slice);
        return values;
    }

    /**
     * Reads a slice of it into an array.
     *
     * @param dst where it goes
     * @param offset at which index it begins there
     * @param slice which part
     * @return how many elements it has
     * @throws TfckptException as {@link #readLongs(Slice)}; where the array is too small
     */
    public int read(long[] dst, int offset, Slice slice) {
        return readInto(dst, dst.length, ArrayKind.LONGS, offset, slice);
    }

    /**
     * Reads it into a new array.
     *
     * @return its values
     * @throws TfckptException where it is of another type, damaged, or more than an array can hold
     */
    public short[] readShorts() {
        return readShorts(Slice.all());
    }

    /**
     * Reads a slice of it into a new array.
     *
     * @param slice which part
     * @return its values
     * @throws TfckptException as {@link #readShorts()}; where the slice reaches outside
     */
    public short[] readShorts(Slice slice) {
        short[] values = new short[count(ArrayKind.SHORTS, slice)];
        readArray(values, ArrayKind.SHORTS, 0, values.length, slice);
        return values;
    }

    /**
     * Reads a slice of it into an array.
     *
     * @param dst where it goes
     * @param offset at which index it begins there
     * @param slice which part
     * @return how many elements it has
     * @throws TfckptException as {@link #readShorts(Slice)}; where the array is too small
     */
    public int read(short[] dst, int offset, Slice slice) {
        return readInto(dst, dst.length, ArrayKind.SHORTS, offset, slice);
    }

    /**
     * Reads it into a new array.
     *
     * @return its values
     * @throws TfckptException where it is of another type, damaged, or more than an array can hold
     */
    public byte[] readBytes() {
        return readBytes(Slice.all());
    }

    /**
     * Reads a slice of it into a new array.
     *
     * @param slice which part
     * @return its values
     * @throws TfckptException as {@link #readBytes()}; where the slice reaches outside
     */
    public byte[] readBytes(Slice slice) {
        byte[] values = new byte[count(ArrayKind.BYTES, slice)];
        readArray(values, ArrayKind.BYTES, 0, values.length, slice);
        return values;
    }

    /**
     * Reads a slice of it into an array.
     *
     * @param dst where it goes
     * @param offset at which index it begins there
     * @param slice which part
     * @return how many elements it has
     * @throws TfckptException as {@link #readBytes(Slice)}; where the array is too small
     */
    public int read(byte[] dst, int offset, Slice slice) {
        return readInto(dst, dst.length, ArrayKind.BYTES, offset, slice);
    }

    /**
     * Reads it into a new array.
     *
     * @return its values
     * @throws TfckptException where it is of another type, damaged, or more than an array can hold
     */
    public boolean[] readBooleans() {
        return readBooleans(Slice.all());
    }

    /**
     * Reads a slice of it into a new array.
     *
     * @param slice which part
     * @return its values
     * @throws TfckptException as {@link #readBooleans()}; where the slice reaches outside
     */
    public boolean[] readBooleans(Slice slice) {
        boolean[] values = new boolean[count(ArrayKind.BOOLEANS, slice)];
        readArray(values, ArrayKind.BOOLEANS, 0, values.length, slice);
        return values;
    }

    /**
     * Reads a slice of it into an array.
     *
     * @param dst where it goes
     * @param offset at which index it begins there
     * @param slice which part
     * @return how many elements it has
     * @throws TfckptException as {@link #readBooleans(Slice)}; where the array is too small
     */
    public int read(boolean[] dst, int offset, Slice slice) {
        return readInto(dst, dst.length, ArrayKind.BOOLEANS, offset, slice);
    }

    /**
     * Reads the elements of a tensor of strings that are UTF-8.
     *
     * @return the elements, in C order
     * @throws TfckptException for other types; where it is damaged, has more elements than a list, or
     *     one that is not UTF-8
     */
    public List<String> readStrings() {
        return readStrings(Slice.all());
    }

    /**
     * Reads elements of a slice of a tensor of strings that are UTF-8. Of the stored pieces that it
     * touches all elements are in native memory meanwhile.
     *
     * @param slice which part
     * @return the elements, in C order
     * @throws TfckptException as {@link #readStrings()}; where the slice reaches outside
     */
    public List<String> readStrings(Slice slice) {
        return strings(slice, elements -> elements.strings(nameBytes));
    }

    /**
     * Reads the elements of a tensor of strings, or the serialized VariantTensorDataProto of each
     * element of a variant tensor.
     *
     * @return the elements, in C order
     * @throws TfckptException for other types; where it is damaged, or has more elements than an array
     */
    public byte[][] readStringBytes() {
        return readStringBytes(Slice.all());
    }

    /**
     * The same for a slice.
     *
     * @param slice which part
     * @return the elements, in C order
     * @throws TfckptException as {@link #readStringBytes()}; where the slice reaches outside
     */
    public byte[][] readStringBytes(Slice slice) {
        return strings(slice, StringElements::bytes);
    }

    private <R> R strings(Slice slice, Function<StringElements, R> use) {
        long pointer = reader.withLong(
                r -> options.apply(how -> Native.readStrings(r, nameBytes, slice.raw(), how)));
        try {
            return use.apply(new StringElements(pointer));
        } finally {
            Native.stringsFree(pointer);
        }
    }

    /**
     * Maps it: its values as they lie in the file, without a copy. The checksum is checked now,
     * unless the options say not to.
     *
     * @return the view
     * @throws TfckptException with {@link Status#UNSUPPORTED} for V1, for a foreign byte order, for a
     *     tensor stored as slices, and for strings and variants; where it is damaged
     */
    public View view() {
        return new View(reader.withLong(r -> options.apply(how -> Native.view(r, nameBytes, how))));
    }

    Reader reader() {
        return reader;
    }

    /** The array itself, for those who leave it alone. */
    byte[] rawName() {
        return nameBytes;
    }

    private int count(ArrayKind kind, Slice slice) {
        kind.check(dtype, nameBytes);
        return arraySize(readSize(slice), dtype.size());
    }

    /** How many elements that is, if an array of Java can have as many. */
    int arraySize(long bytes, int size) {
        if (bytes / size > Integer.MAX_VALUE - 8) {
            throw new TfckptException(
                    Status.RESOURCE_LIMIT,
                    "tensor \"" + name + "\" is more than an array of Java can hold: read slices of it",
                    nameBytes);
        }
        return (int) (bytes / size);
    }

    private int readInto(Object dst, int length, ArrayKind kind, int offset, Slice slice) {
        kind.check(dtype, nameBytes);
        Objects.checkFromIndexSize(offset, 0, length);
        int room = length - offset;
        long count = readSize(slice) / dtype.size();
        sizeWithin(room, count);
        readArray(dst, kind, offset, (int) count, slice);
        return (int) count;
    }

    private void readArray(Object dst, ArrayKind kind, int offset, int count, Slice slice) {
        call((r, how) ->
                Native.readArray(r, nameBytes, slice.raw(), how, dst, kind.ordinal(), offset, count));
    }

    private interface Read {
        void from(long reader, long[] options);
    }

    private void call(Read read) {
        reader.run(r -> options.apply(how -> {
            read.from(r, how);
            return null;
        }));
    }

    /** Returns name, type and shape. */
    @Override
    public String toString() {
        return name + " " + dtype + shape;
    }
}
