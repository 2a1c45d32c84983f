import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("store", "0002_bank_local")]

    operations = [
        migrations.CreateModel(
            name="Item",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("key", models.BinaryField(unique=True)),
                ("identity", models.TextField()),
                ("bank", models.CharField(max_length=200, null=True)),
            ],
            options={
                "indexes": [
                    models.Index(condition=models.Q(("bank__isnull", False)), fields=["bank"], name="store_item_bank")
                ],
            },
        ),
        migrations.CreateModel(
            name="Link",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("kind", models.SmallIntegerField()),
                ("evidence", models.TextField()),
                (
                    "child",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="store.item",
                    ),
                ),
                (
                    "parent",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.DO_NOTHING, related_name="+", to="store.item"
                    ),
                ),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("child", "parent", "kind"), name="store_link_once")],
            },
        ),
        migrations.CreateModel(
            name="Sighting",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("path_key", models.BinaryField()),
                ("path", models.TextField()),
                ("scan", models.DateTimeField()),
                (
                    "item",
                    models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.DO_NOTHING, to="store.item"),
                ),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("item", "path_key"), name="store_sighting_once")],
            },
        ),
    ]
