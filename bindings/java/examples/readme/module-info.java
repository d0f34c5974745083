/** The program of the README, as of somebody else who has modules. */
module app {
    requires org.tfckpt;
}
