package org.tfckpt;

import java.util.Iterator;
import java.util.NoSuchElementException;

/**
 * A walk over tensors. Damage in the index is thrown by {@link #next()}, and the next call goes on
 * behind it.
 */
final class Listing extends NativeObject implements Iterator<Tensor> {
    /** How many are asked for at once: few at first, for those who want no more. */
    private static final int FEW = 32;

    private static final int MANY = 2048;

    private final Reader reader;
    private int batch = FEW;
    private TensorFacts facts;
    private TfckptException damage;
    private boolean ended;

    Listing(Reader reader, byte[] prefix) {
        super(reader.withLong(r -> Native.readerList(r, prefix)), Native::cursorFree);
        this.reader = reader;
    }

    @Override
    public boolean hasNext() {
        while (!ended && damage == null && (facts == null || !facts.hasNext())) {
            fetch();
        }
        return !ended;
    }

    private void fetch() {
        try {
            // What is listed is the reader's: nothing more when it is closed.
            facts = reader.with(r -> with(cursor -> new TensorFacts(Native.cursorNext(cursor, batch))));
            batch = Math.min(2 * batch, MANY);
            if (!facts.hasNext()) {
                ended = true;
                close();
            }
        } catch (TfckptException e) {
            damage = e;
        }
    }

    @Override
    public Tensor next() {
        if (!hasNext()) {
            throw new NoSuchElementException();
        }
        if (damage != null) {
            TfckptException thrown = damage;
            damage = null;
            facts = null;
            throw thrown;
        }
        return facts.next(reader);
    }
}
