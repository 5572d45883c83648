#include <syncline/syncline.hpp>

int main() {}
